import { layerBuilt } from "../catalogue/graph.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Definitions, definitionsOf } from "../judge/definitions.ts";
import { groupProblems } from "../judge/problems.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference, parseReference } from "../oci/reference.ts";
import type { Crumb } from "../published/crumbs.ts";
import { baseDigest, baseScience } from "../published/crumbs.ts";
import type { TagReading } from "../published/reader.ts";
import { createReader, type Reader, sideBySide } from "../published/reader.ts";
import { problemsOf, readFinals } from "./read-published.ts";
import type { SurveyOptions } from "./survey.ts";

/** An image of others that a science layer was built on, then and now. Survives JSON. */
export interface BaseStatus {
  readonly target: string;
  /** Where it is defined; undefined when it is not any more. */
  readonly directory?: string;
  /** Image-versions that have the layer in them, sorted. */
  readonly images: readonly string[];
  /** As the Dockerfile's tag names it, in full; undefined where the labels do not say. */
  readonly base?: string;
  readonly built?: Digest;
  readonly now?: Digest;
  /** `gone`: the tag is not there any more. `pinned`: the Dockerfile names a digest. `unknown`: the labels do not say. */
  readonly state: "same" | "moved" | "gone" | "pinned" | "unknown";
}

export interface BasesSurvey {
  readonly bases: readonly BaseStatus[];
  readonly problems: readonly Diagnostic[];
}

/** Which bases of others have moved since science images were built on them. Each distinct base is asked for once. */
export async function surveyBases({ catalogue, registries, signal }: SurveyOptions): Promise<BasesSurvey> {
  const definitions = definitionsOf(catalogue);
  const reader = createReader(registries, signal);
  const rel = await readFinals(definitions, reader, false);
  const found = groundLayers(rel);
  const problems = [...problemsOf(rel.values())];
  const now = await currentDigests(
    found.flatMap(({ crumb }) => baseName(crumb) ?? []),
    reader,
    problems,
  );
  const bases = found.map((each) => baseStatus(each, definitions, now));
  return { bases: bases.filter(({ base }) => base === undefined || now.has(base)), problems: groupProblems(problems) };
}

interface GroundLayer {
  readonly crumb: Crumb;
  readonly images: readonly string[];
}

/** Science layers that stand on no other, each build of one once. */
function groundLayers(rel: ReadonlyMap<string, TagReading>): GroundLayer[] {
  const found = new Map<string, { crumb: Crumb; images: string[] }>();
  for (const [key, reading] of rel) {
    const [crumb] = reading.kind === "image" ? reading.image.crumbs.science : [];
    if (crumb === undefined || baseScience(crumb)) continue;
    const known = found.get(`${crumb.name} ${crumb.tag}`);
    if (known) known.images.push(key);
    else found.set(`${crumb.name} ${crumb.tag}`, { crumb, images: [key] });
  }
  return [...found.values()].sort((a, b) => (a.crumb.name < b.crumb.name ? -1 : 1));
}

/** Without the digest. */
function baseName({ base }: Crumb): string | undefined {
  const reference = base === undefined ? undefined : parseReference(base);
  if (reference === undefined) return undefined;
  const { digest: _, ...rest } = reference;
  return formatReference({ tag: "latest", ...rest });
}

/** By name; a base that could not be asked for is left out and named in `problems`. */
async function currentDigests(names: readonly string[], reader: Reader, problems: Diagnostic[]) {
  const answers = await sideBySide(new Set(names), async (name) => {
    const answer = await reader.ask<{ digest?: Digest } | undefined>(
      name,
      async ({ repository, target }) => {
        const found = await repository.manifests.head(target);
        return found ? { digest: found.digest } : {};
      },
      (problem) => void problems.push(problem),
    );
    return [name, answer];
  });
  return new Map([...answers].flatMap(([name, answer]) => (answer ? [[name, answer.digest] as const] : [])));
}

function baseStatus(
  { crumb, images }: GroundLayer,
  { graph }: Definitions,
  now: ReadonlyMap<string, Digest | undefined>,
): BaseStatus {
  const layer = layerBuilt(graph, { target: crumb.name, version: crumb.stamp.version });
  const directory = layer?.directory;
  const common = { target: crumb.name, ...(directory !== undefined && { directory }), images: [...images].sort() };
  const [base, built] = [baseName(crumb), baseDigest(crumb)];
  if (base === undefined || built === undefined) return { ...common, state: "unknown" };
  const today = now.get(base);
  const pinned = layer?.bases.some(({ via, name }) => via === "from" && name.endsWith(`@${built}`));
  const state = pinned ? "pinned" : today === undefined ? "gone" : today === built ? "same" : "moved";
  return { ...common, base, built, ...(today && { now: today }), state };
}
