import type { InterfacedLayer, ScienceLayer } from "../catalogue/model.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import type { NotPublished, Reason } from "../plan/model.ts";
import type { KnownImage } from "../published/image.ts";
import type { ImageReading } from "../published/reader.ts";
import { compatDefinition, type Definitions, scienceDefinition } from "./definitions.ts";
import { judgeName, judgeScienceName, judgeTop } from "./identity.ts";
import { crumbOf, judgeCrumb, together } from "./judge.ts";
import type { GitFacts, Judgement, Published, TodaysInputs } from "./model.ts";
import { movedParents } from "./moved.ts";

/** Everything that the judgement of a registry is made from. */
export interface Evidence {
  readonly definitions: Definitions;
  readonly published: Published;
  readonly today: TodaysInputs;
  readonly git: GitFacts;
}

/**
 * Why builds are planned because of what the registry holds, by id of the build (B31): it lacks the image, holds one of
 * another definition, one that was built on a parent that has moved since, or one that is withdrawn. An image that could
 * not be read is not among them: nothing is known of it.
 */
export function notPublished(evidence: Evidence): Map<string, readonly Reason[]> {
  const { definitions } = evidence;
  const science = definitions.catalogue.science.map(
    (layer) => [scienceId(layerKey(layer)), scienceReasons(layer, evidence)] as const,
  );
  const compat = [...definitions.finals.values()].map(
    (layer) => [compatId(layer), finalReasons(layer, evidence)] as const,
  );
  const adopted = [...definitions.adopted.values()].map(
    (each) => [compatId(each), interfaceReasons(each, evidence)] as const,
  );
  return new Map([...science, ...compat, ...adopted].filter(([, reasons]) => reasons.length > 0));
}

function scienceReasons(layer: ScienceLayer, evidence: Evidence): Reason[] {
  const reading = evidence.published.sci.get(layerKey(layer));
  if (reading?.kind !== "image") return reading?.kind === "absent" ? [absent(reading.reference)] : [];
  const crumb = crumbOf(reading.image.crumbs, layerKey(layer));
  const judgement = together([
    judgeScienceName(reading.image, layer),
    judgeCrumb(crumb, scienceDefinition(layer, evidence.today), evidence.git),
  ]);
  const parents = evidence.definitions.graph.parents.get(layerKey(layer)) ?? [];
  return judged(judgement) ?? moved(reading, parents, evidence);
}

function finalReasons(layer: InterfacedLayer, evidence: Evidence): Reason[] {
  const reading = evidence.published.rel.get(`${layer.image}:${layer.version}`);
  if (reading?.kind !== "image") return interfaceReasons(layer, evidence);
  const reasons = interfaceReasons(layer, evidence);
  const other = judged(judgeTop(reading.image, layer)) ?? [];
  return reasons.length > 0 ? reasons : other.length > 0 ? other : moved(reading, [layerKey(layer)], evidence);
}

/** Of the interface alone, also of one on a science image whose definition is gone. */
function interfaceReasons(
  { image, version, compat }: Pick<InterfacedLayer, "image" | "version" | "compat">,
  { definitions, published, today, git }: Evidence,
): Reason[] {
  const reading = published.rel.get(`${image}:${version}`);
  if (reading?.kind !== "image") return reading?.kind === "absent" ? [absent(reading.reference)] : [];
  const withdrawn = withdrawalOf(definitions.catalogue.settings, buildOf(image, reading.image));
  if (withdrawn) return [{ kind: "withdrawn", tag: `${image}:${withdrawn.tag}`, why: withdrawn.reason }];
  const definition = compatDefinition(compat, definitions.stacks, today);
  const name = judgeName(reading.image, { image, version });
  return judged(together([name, judgeCrumb(reading.image.crumbs.compat, definition, git)])) ?? [];
}

export const buildOf = (image: string, { digest, crumbs }: KnownImage) => ({
  image,
  digest,
  tag: crumbs.compat?.tag,
});

function judged({ verdict, why }: Judgement): Reason[] | undefined {
  return verdict === "current" ? undefined : [notYet(verdict, why)];
}

function moved(reading: ImageReading, parents: readonly string[], evidence: Evidence): Reason[] {
  const { verdict, why } = together(movedParents(reading.image, parents, evidence.published));
  return verdict === "current" ? [] : [notYet("moved", why)];
}

const notYet = (state: NonNullable<NotPublished["state"]>, says: string): NotPublished => ({
  kind: "not-published",
  state,
  says,
});

const absent = (reference: string): NotPublished => notYet("absent", `the registry has no ${reference}`);
