import { imageVersion } from "../catalogue/graph.ts";
import type { InterfacedLayer, ScienceLayer } from "../catalogue/model.ts";
import { layerKey } from "../naming/build-id.ts";
import { releasePath, sciencePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import { retiredVersions } from "../plan/adopted.ts";
import { type Hold, isOfLeft } from "../published/hold.ts";
import type { PublishedImage } from "../published/image.ts";
import { compatDefinition, scienceDefinition } from "./definitions.ts";
import { judgeName, judgeTop } from "./identity.ts";
import type { ImageState, ImageStatus } from "./image-status.ts";
import { crumbOf, different, judgeByGit, judgeCrumb, together } from "./judge.ts";
import type { Judgement, Published, TodaysInputs } from "./model.ts";
import { movedParents } from "./moved.ts";
import type { Evidence } from "./not-published.ts";
import type { ImageVersion } from "./orphans.ts";
import { ancestors } from "./questions.ts";
import { basis } from "./status-basis.ts";

export interface StatusEvidence extends Evidence {
  /** Rollbacks in force, by image-version. */
  readonly holds: ReadonlyMap<string, Hold>;
  /** Image-versions without a definition that were read with the others. */
  readonly orphans: ReadonlyMap<string, ImageVersion>;
}

/** The state of every image-version, sorted by name; orphans that the registry does not have are left out. */
export function imageStatuses(evidence: StatusEvidence): ImageStatus[] {
  const { definitions, orphans } = evidence;
  const all = [
    ...[...definitions.finals.values()].map((layer) => finalStatus(layer, evidence)),
    ...[...definitions.adopted.values()].map((each) => adoptedStatus(each, evidence)),
    ...[...orphans.values()].flatMap((each) => orphanStatus(each, evidence)),
  ];
  return all.sort((a, b) => (imageVersion(a) < imageVersion(b) ? -1 : 1));
}

function finalStatus(layer: InterfacedLayer, evidence: StatusEvidence): ImageStatus {
  const { definitions, published, today, git } = evidence;
  const status = basis(layer, published.rel.get(imageVersion(layer)), evidence);
  if (status.image === undefined) return status.status;
  const science = scienceJudgement(layer, status.image, evidence);
  const compat = together([
    judgeName(status.image, layer),
    judgeCrumb(status.image.crumbs.compat, compatDefinition(layer.compat, definitions.stacks, today), git),
  ]);
  const description = layer.description ?? definitions.stacks(layer.compat).at(-1)?.description;
  const judged = withStates({ ...status.status, ...(description !== undefined && { description }) }, science, compat);
  const hold = evidence.holds.get(imageVersion(layer));
  return hold ? withHold(judged, layer, hold, today) : judged;
}

/** What differs from the definition because it was rolled back is not out of date: it stays so on purpose. */
function withHold(status: ImageStatus, layer: InterfacedLayer, hold: Hold, today: TodaysInputs): ImageStatus {
  const isHeld = (path: string, inputs: Digest | undefined): boolean =>
    hold.tags.some((each) => each.path === path && isOfLeft(each, inputs));
  const meant: ImageState[] = [
    ...(isHeld(sciencePath(layer.target), today.science.get(layerKey(layer))) ? ["science-out-of-date" as const] : []),
    ...(isHeld(releasePath(layer.image), today.compat.get(layer.compat)) ? ["compat-out-of-date" as const] : []),
  ];
  // A definition that is none of those left is followed again.
  if (meant.length === 0) return status;
  const states = status.states.filter((each) => each !== "current" && !meant.includes(each));
  const [first] = hold.tags;
  const to = first?.to.tag ?? first?.to.digest ?? "";
  return {
    ...status,
    states: [
      ...states.filter((each) => each === "withdrawn"),
      "rolled-back",
      ...states.filter((each) => each !== "withdrawn"),
    ],
    rolledBack: { to, since: hold.since },
  };
}

/** Of the layer and of all that it is made of. Layers that files are only copied from leave no labels: git tells of them. */
function scienceJudgement(
  layer: ScienceLayer,
  image: PublishedImage,
  { definitions, published, today, git }: Evidence,
): Judgement {
  const { crumbs } = image;
  const top = judgeTop(image, layer);
  if (top.verdict !== "current") return top;
  const own = crumbOf(crumbs, layerKey(layer));
  const below = ancestors(layerKey(layer), definitions).map((key) => {
    const definition = scienceDefinition(definitions.graph.layers.get(key) as ScienceLayer, today);
    const crumb = crumbOf(crumbs, key);
    return crumb === undefined && own
      ? judgeByGit(own.stamp.commit, definition, git)
      : judgeCrumb(crumb, definition, git);
  });
  const judged = together([judgeCrumb(own, scienceDefinition(layer, today), git), ...(own ? below : [])]);
  return judged.verdict === "current" ? judgeScienceTag(layer, image, published) : judged;
}

/** `sci/` and `rel/` of one image-version are not of one build after a publish that died between them. */
function judgeScienceTag(layer: ScienceLayer, image: PublishedImage, published: Published): Judgement {
  const reading = published.sci.get(layerKey(layer));
  if (reading?.kind === "absent") return different(`the registry has no ${reading.reference}`);
  return together(movedParents(image, [layerKey(layer)], published));
}

function adoptedStatus(each: ImageVersion & { readonly compat: string }, evidence: StatusEvidence): ImageStatus {
  const { definitions, published, today, git } = evidence;
  const { status, image } = basis(each, published.rel.get(imageVersion(each)), evidence);
  if (image === undefined) return { ...status, states: [...status.states, "adopted"] };
  const compat = together([
    judgeName(image, each),
    judgeCrumb(image.crumbs.compat, compatDefinition(each.compat, definitions.stacks, today), git),
  ]);
  const judged = withStates(status, { verdict: "current", why: "" }, compat);
  return { ...judged, states: [...judged.states.filter((state) => state !== "current"), "adopted"] };
}

function orphanStatus(each: ImageVersion, evidence: StatusEvidence): ImageStatus[] {
  const reading = evidence.published.rel.get(imageVersion(each));
  const retired = retiredVersions(evidence.definitions.catalogue).has(imageVersion(each));
  if (reading === undefined || reading.kind === "absent") return [];
  const { status } = basis(each, reading, evidence);
  const rest = status.states.filter((state) => state !== "current");
  return [{ ...status, states: [...rest, retired ? "retired" : "orphaned"] }];
}

function withStates(status: ImageStatus, science: Judgement, compat: Judgement): ImageStatus {
  const states: ImageState[] = [
    ...status.states.filter((each) => each !== "current"),
    ...(science.verdict === "current" ? [] : ["science-out-of-date" as const]),
    ...(compat.verdict === "current" ? [] : ["compat-out-of-date" as const]),
  ];
  const why = [...status.why, ...[science, compat].flatMap((each) => (each.why === "" ? [] : [each.why]))];
  return { ...status, states: states.length === 0 ? ["current"] : states, why };
}
