import { finalLayers, imageVersion, interfacedLayers, type ScienceGraph, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import { releaseName, releasePath, scienceName, sciencePath } from "../naming/layer-name.ts";
import { activeAdoptions } from "./adopted.ts";
import type { Plan, PlannedBuild, Reason } from "./model.ts";
import type { PlanOptions } from "./planning.ts";
import { selectLayers } from "./selection.ts";
import { stacksOf } from "./stacks.ts";

/** Why an image is planned, or what keeps it out (B21). Survives JSON. */
export interface Explanation {
  /** What was asked for. */
  readonly image: string;
  /** One for each build that the question is about, sorted by id. */
  readonly builds: readonly ExplainedBuild[];
}

export interface ExplainedBuild {
  readonly id: string;
  readonly planned: boolean;
  /** From the build asked for down to what set it off, each link once; empty when it is not planned. */
  readonly chain: readonly Link[];
  /** The rule that stopped it, when it is not planned. */
  readonly rule?: { readonly number: string; readonly says: string };
  /** Published parts of it that were built anew although nothing had changed (B52), lowest first; only of plans that asked the registry. */
  readonly refreshed?: readonly RefreshedPart[];
}

export interface RefreshedPart {
  /** Target of a science layer, image of an interface. */
  readonly name: string;
  readonly kind: "science" | "compat";
  /** The unique tag that it was built as. */
  readonly tag: string;
  /** What `--refresh` named. */
  readonly asked: string;
}

export interface Link {
  readonly id: string;
  readonly reason: Reason;
}

/**
 * Explains an image-version, an image, a target, a directory, a build's id or a reference. Throws `RefusedError` when
 * the catalogue has none of that name.
 */
export function explainImage(catalogue: Catalogue, plan: Plan, options: PlanOptions, image: string): Explanation {
  const graph = scienceGraph(catalogue.science);
  const ids = subjects(catalogue, graph, image);
  if (ids.length === 0) throw new RefusedError([unknownImage(catalogue, image)]);
  const builds = new Map(plan.builds.map((each) => [each.id, each]));
  return {
    image,
    builds: [...new Set(ids)].sort().map((id) => explainBuild(id, builds, { catalogue, plan, graph, options })),
  };
}

interface Asked {
  readonly catalogue: Catalogue;
  readonly plan: Plan;
  readonly graph: ScienceGraph;
  readonly options: PlanOptions;
}

/** Ids of the builds that a name stands for. */
function subjects(catalogue: Catalogue, graph: ScienceGraph, image: string): string[] {
  const { repo, home } = catalogue.settings;
  const prefix = [repo, home].find((each) => image.startsWith(`${each}/`));
  const name = (prefix === undefined ? image : image.slice(prefix.length + 1)).replace(/^\.\//, "").replace(/\/+$/, "");
  const science = catalogue.science.filter((each) =>
    [
      each.directory,
      each.target,
      layerKey(each),
      scienceId(layerKey(each)),
      sciencePath(each.target),
      scienceName(each),
    ].includes(name),
  );
  const finals = interfacedLayers(graph);
  const versions = [...finals, ...activeAdoptions(catalogue).values()];
  const named = versions.filter((each) =>
    [each.image, imageVersion(each), compatId(each), releasePath(each.image), releaseName(each)].includes(name),
  );
  const compat = catalogue.compat.find((each) => each.directory === name);
  const using =
    compat === undefined ? [] : versions.filter((each) => stacksOf(catalogue)(each.compat).includes(compat));
  const finalsOf = finals.filter((layer) => science.includes(layer));
  const bare = [...finalLayers(graph).values()].flat().filter((each) => each.compat === undefined);
  const bareNamed = bare.filter((each) => [each.image, imageVersion(each)].includes(name));
  return [
    ...[...science, ...bareNamed].map((each) => scienceId(layerKey(each))),
    ...[...named, ...using, ...finalsOf].map(compatId),
  ];
}

function explainBuild(id: string, builds: ReadonlyMap<string, PlannedBuild>, asked: Asked): ExplainedBuild {
  if (builds.has(id)) return { id, planned: true, chain: chainOf(id, builds) };
  return { id, planned: false, chain: [], rule: ruleAgainst(id, asked) };
}

/** Breadth first, so that the build asked for comes first and what set it off comes last. */
function chainOf(id: string, builds: ReadonlyMap<string, PlannedBuild>): Link[] {
  const chain: Link[] = [];
  const waiting = [id];
  const seen = new Set(waiting);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const reason of builds.get(next)?.reasons ?? []) {
      chain.push({ id: next, reason });
      const cause = causeOf(reason);
      if (cause !== undefined && !seen.has(cause)) waiting.push(cause);
      if (cause !== undefined) seen.add(cause);
    }
  }
  return chain;
}

function causeOf(reason: Reason): string | undefined {
  if (reason.kind === "parent-rebuilt") return scienceId(reason.parent);
  return reason.kind === "science-rebuilt" ? scienceId(reason.science) : undefined;
}

function ruleAgainst(id: string, asked: Asked): NonNullable<ExplainedBuild["rule"]> {
  const layer = [...asked.graph.layers.values()].find(
    (each) => scienceId(layerKey(each)) === id || compatId(each) === id,
  );
  if (layer === undefined) return { number: "B17", says: "it is adopted, and its compat stack did not change" };
  const { included, ignored } = selectLayers(asked.catalogue, asked.options);
  if (ignored.has(layer.directory)) return { number: "B16", says: `${layer.directory} is left out by --ignore` };
  if (included !== undefined)
    return {
      number: "B16",
      says: `it does not depend on anything that --include names (${[...included].sort().join(", ")})`,
    };
  const { since } = asked.plan;
  if (since.kind === "published") return { number: "B31", says: "what the registry holds is current" };
  const range = since.range ?? since.kind;
  if (id.startsWith("science/"))
    return { number: "B18", says: `nothing below ${layer.directory} changed in ${range}${parentWords(layer, asked)}` };
  return {
    number: "B19",
    says: `neither its science image ${layerKey(layer)} is planned nor did its compat stack (${stackWords(layer, asked)}) change in ${range}`,
  };
}

function parentWords(layer: ScienceLayer, { graph }: Asked): string {
  const parents = graph.parents.get(layerKey(layer)) ?? [];
  return parents.length === 0 ? "" : `, and of its parents (${parents.join(", ")}) none is planned`;
}

const stackWords = (layer: ScienceLayer, { catalogue }: Asked): string =>
  stacksOf(catalogue)(layer.compat ?? "")
    .map((each: CompatLayer) => each.name)
    .join(", ");

function unknownImage({ science, compat }: Catalogue, image: string): Diagnostic {
  const names = [
    ...science.flatMap((each) => [each.image, each.target, imageVersion(each), each.directory]),
    ...compat.map((each) => each.directory),
  ];
  return error(
    "unknown-image",
    `this catalogue has no image ${JSON.stringify(image)}${didYouMean(image, new Set(names))}`,
    {
      help: "name an image (nist-basic), an image-version (nist-basic:1.0), a target or a directory",
    },
  );
}
