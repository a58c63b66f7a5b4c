import { imageVersion } from "../catalogue/graph.ts";
import type { ScienceLayer, WithdrawnImage } from "../catalogue/model.ts";
import { parseUniqueTag } from "../catalogue/tags.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { retiredVersions } from "../plan/adopted.ts";
import { compatDefinition, type Definitions, relReference, scienceDefinition } from "./definitions.ts";
import { crumbOf, judgeByGit, judgeCrumb, together } from "./judge.ts";
import type { Judgement, PublishedImage, Reading } from "./model.ts";
import { buildOf, type Evidence } from "./not-published.ts";
import type { ImageVersion } from "./orphans.ts";
import { ancestors } from "./questions.ts";

/** `unknown`: the registry did not say, or the image carries no labels that could be read. */
export type ImageState =
  | "withdrawn"
  | "science-out-of-date"
  | "compat-out-of-date"
  | "current"
  | "not-published"
  | "adopted"
  | "orphaned"
  | "retired"
  | "unknown";

/** One image-version: what its stable tag holds, against its definition today. Survives JSON. */
export interface ImageStatus {
  readonly image: string;
  readonly version: string;
  /** All that apply, what matters most first; at least one. */
  readonly states: readonly ImageState[];
  /** The stable tag. */
  readonly reference: string;
  readonly digest?: string;
  /** The unique tag that the image says it was built as. */
  readonly uniqueTag?: string;
  /** As on the label, abbreviated. */
  readonly commit?: string;
  /** RFC 3339. */
  readonly built?: string;
  /** Bytes, as transferred. */
  readonly size?: number;
  readonly description?: string;
  /** Why it is out of date or unknown, each a sentence part. */
  readonly why: readonly string[];
  readonly withdrawn?: Pick<WithdrawnImage, "reason" | "replacement" | "since">;
}

export interface StatusEvidence extends Evidence {
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

/** One line for each image whose labels do not tell what it is. */
export function labelProblems(
  statuses: readonly ImageStatus[],
  { published }: Pick<Evidence, "published">,
): Diagnostic[] {
  return statuses.flatMap((status) => {
    const reading = published.rel.get(imageVersion(status));
    return reading?.kind === "image" ? badLabels(reading.image) : [];
  });
}

export function badLabels({ reference, crumbs }: PublishedImage): Diagnostic[] {
  const notes = crumbs.broken.map((message) => ({ message }));
  if (notes.length > 0)
    return [
      error("broken-labels", `the labels of ${reference} are cut off or not those of a build: ${notes[0]?.message}`, {
        notes: notes.slice(1),
      }),
    ];
  if (crumbs.compat !== undefined || crumbs.science.length > 0) return [];
  return [
    error("no-labels", `${reference} carries no labels of a build, so it cannot be told what it is`, {
      help: "build it again with --push, or move its tag back with image-builder rollback",
    }),
  ];
}

function finalStatus(layer: ScienceLayer, evidence: StatusEvidence): ImageStatus {
  const { definitions, published, today, git } = evidence;
  const status = basis(layer, published.rel.get(imageVersion(layer)), evidence);
  if (status.image === undefined) return status.status;
  const science = scienceJudgement(layer, status.image, evidence);
  const compat = judgeCrumb(status.image.crumbs.compat, compatDefinition(layer.compat, definitions.stacks, today), git);
  const description = layer.description ?? definitions.stacks(layer.compat).at(-1)?.description;
  return withStates({ ...status.status, ...(description !== undefined && { description }) }, science, compat);
}

/** Of the layer and of all that it is made of. Layers that files are only copied from leave no labels: git tells of them. */
function scienceJudgement(
  layer: ScienceLayer,
  { crumbs }: PublishedImage,
  { definitions, today, git }: Evidence,
): Judgement {
  const own = crumbOf(crumbs, layer.target);
  const below = ancestors(layer.target, definitions).map((target) => {
    const definition = scienceDefinition(definitions.graph.layers.get(target) as ScienceLayer, today);
    const crumb = crumbOf(crumbs, target);
    return crumb === undefined && own
      ? judgeByGit(own.stamp.commit, definition, git)
      : judgeCrumb(crumb, definition, git);
  });
  return together([judgeCrumb(own, scienceDefinition(layer, today), git), ...(own ? below : [])]);
}

function adoptedStatus(each: ImageVersion & { readonly compat: string }, evidence: StatusEvidence): ImageStatus {
  const { definitions, published, today, git } = evidence;
  const { status, image } = basis(each, published.rel.get(imageVersion(each)), evidence);
  if (image === undefined) return { ...status, states: [...status.states, "adopted"] };
  const compat = judgeCrumb(image.crumbs.compat, compatDefinition(each.compat, definitions.stacks, today), git);
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

interface Basis {
  readonly status: ImageStatus;
  /** Where there is one that can be judged. */
  readonly image?: PublishedImage;
}

/** What can be said without a definition. */
function basis(each: ImageVersion, reading: Reading | undefined, { definitions, published }: StatusEvidence): Basis {
  const why = reading === undefined ? [] : tagFindings(each, reading, published);
  const known = { image: each.image, version: each.version, reference: relReference(definitions.catalogue, each), why };
  if (reading === undefined || reading.kind === "unreadable")
    return { status: { ...known, states: ["unknown"], why: ["it could not be read"] } };
  if (reading.kind === "absent") return { status: { ...known, states: ["not-published"] } };
  const status = { ...known, ...facts(each, reading.image, definitions) };
  if (reading.image.crumbs.compat) return { status, image: reading.image };
  return {
    status: {
      ...status,
      states: [...status.states.filter((state) => state === "withdrawn"), "unknown"],
      why: ["its labels do not tell what it is"],
    },
  };
}

/** What the list of tags tells of the unique tags beside the stable one. */
function tagFindings({ image, version }: ImageVersion, reading: Reading, { tags }: Evidence["published"]): string[] {
  const list = tags.get(image);
  if (list === undefined) return [];
  const own = reading.kind === "image" ? reading.image.crumbs.compat : undefined;
  const newer = list.filter((tag) => {
    const stamp = parseUniqueTag(tag);
    return stamp?.version === version && stamp.count > (own?.stamp.count ?? -1);
  });
  const lost = own && !list.includes(own.tag) ? [`its unique tag ${own.tag} is not there`] : [];
  return [
    ...lost,
    ...(newer.length === 0 ? [] : [`newer builds are there that the stable tag does not hold: ${newer.join(", ")}`]),
  ];
}

function facts(
  { image }: ImageVersion,
  found: PublishedImage,
  { catalogue }: Definitions,
): Omit<ImageStatus, "image" | "version" | "reference" | "why"> {
  const { digest, created, size, crumbs } = found;
  const built = crumbs.compat?.built === undefined ? created : new Date(crumbs.compat.built * 1000).toISOString();
  const withdrawal = withdrawalOf(catalogue.settings, buildOf(image, found));
  return {
    states: withdrawal ? ["withdrawn"] : ["current"],
    digest,
    size,
    ...(built !== undefined && { built }),
    ...(crumbs.compat && { uniqueTag: crumbs.compat.tag, commit: crumbs.compat.stamp.commit }),
    ...(withdrawal && { withdrawn: withdrawnWords(withdrawal) }),
  };
}

const withdrawnWords = ({ reason, replacement, since }: WithdrawnImage): NonNullable<ImageStatus["withdrawn"]> => ({
  reason,
  ...(replacement !== undefined && { replacement }),
  ...(since !== undefined && { since }),
});

function withStates(status: ImageStatus, science: Judgement, compat: Judgement): ImageStatus {
  const states: ImageState[] = [
    ...status.states.filter((each) => each !== "current"),
    ...(science.verdict === "current" ? [] : ["science-out-of-date" as const]),
    ...(compat.verdict === "current" ? [] : ["compat-out-of-date" as const]),
  ];
  const why = [...status.why, ...[science, compat].flatMap((each) => (each.why === "" ? [] : [each.why]))];
  return { ...status, states: states.length === 0 ? ["current"] : states, why };
}

/** True when a build is missing: users get something else than what is defined, or nothing. */
export const isOutOfDate = ({ states }: ImageStatus): boolean => states.some((each) => lateStates.has(each));

const lateStates: ReadonlySet<ImageState> = new Set([
  "withdrawn",
  "science-out-of-date",
  "compat-out-of-date",
  "not-published",
]);
