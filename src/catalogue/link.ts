import { type Diagnostic, problem } from "../diagnostics/diagnostic.ts";
import { locate, placeAt, type Range } from "../diagnostics/text.ts";
import type { Dockerfile, ImageReference } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { imageReferences } from "../dockerfile/references.ts";
import { layerKey, targetOfKey } from "../naming/build-id.ts";
import { unresolved, type Wording } from "./base-words.ts";
import { secretProblems } from "./check-secrets.ts";
import { splitFragment } from "./compat-fragments.ts";
import { type ScienceGraph, scienceGraph } from "./graph.ts";
import { type Context, judge, judgePayload, type Words } from "./judge-base.ts";
import { linkFolders } from "./link-folders.ts";
import type { Base, CompatLayer, ScienceLayer, Settings, SourceText } from "./model.ts";
import type { Draft, DraftCompat, DraftScience } from "./read-layer.ts";

interface Linked {
  readonly science: readonly ScienceLayer[];
  readonly compat: readonly CompatLayer[];
  /** What was salvaged of broken layers that have a Dockerfile, by directory. */
  readonly broken: ReadonlyMap<string, ScienceLayer | CompatLayer>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds out of every image that a Dockerfile names whether it is a layer of this catalogue (B8–B10). */
export function linkBases(
  science: readonly DraftScience[],
  compat: readonly DraftCompat[],
  settings: Pick<Settings, "home" | "repo">,
): Linked {
  const context: Context = { ...knownTargets(science), prefixes: [...new Set([settings.repo, settings.home])] };
  const diagnostics: Diagnostic[] = [];
  const findings: Finding[] = [];
  const broken = new Map<string, ScienceLayer | CompatLayer>();
  // That of a science layer is let go at once: thousands of them would cost more to keep than to read.
  const link = <L extends ScienceLayer | CompatLayer>({ layer, salvaged, recipe }: Draft<L>): L[] => {
    if (recipe === undefined) return [];
    const subject = layer ?? salvaged;
    const dockerfile = subject?.kind === "compat" ? subject.dockerfile : parseDockerfile(recipe.text);
    if (subject === undefined) diagnostics.push(...recipeProblems(recipe, dockerfile, []));
    if (subject === undefined) return [];
    const { contexts, problems } = linkFolders(subject, dockerfile);
    const folders = contexts?.flatMap(({ uses }) => uses) ?? [];
    diagnostics.push(
      ...recipeProblems(recipe, dockerfile, folders),
      ...problems,
      ...secretProblems(subject, dockerfile),
    );
    const payloads = subject.kind === "compat" ? splitFragment(dockerfile).stages.length : 0;
    const found = named(subject, dockerfile, folders).map((each) =>
      classify(subject, each, context, each.stage < payloads),
    );
    findings.push(...found.flatMap((each) => each.finding ?? []));
    const bases = found.flatMap((each) => each.base ?? []);
    const linked = { ...subject, bases, ...(contexts && { contexts }) };
    if (layer === undefined) broken.set(subject.directory, linked);
    return layer ? [linked] : [];
  };
  const linked = { science: science.flatMap(link), compat: compat.flatMap(link) };
  return { ...linked, broken, diagnostics: [...diagnostics, ...wordFindings(findings, linked.science)] };
}

/** Something to say of a reference. */
interface Finding {
  readonly severity: "error" | "warning";
  readonly layer: ScienceLayer | CompatLayer;
  readonly reference: ImageReference;
  readonly words: Words;
}

function wordFindings(findings: readonly Finding[], science: readonly ScienceLayer[]): Diagnostic[] {
  if (findings.length === 0) return [];
  const graph = scienceGraph(science);
  return findings.flatMap(({ severity, layer, reference, words }) => {
    const behind = layer.kind === "science" ? dependentsOf(layerKey(layer), graph) : new Set<string>();
    const isSibling = (key: string) =>
      layer.kind === "science" && layer.variant !== undefined && targetOfKey(key) === layer.target;
    const wording = words((key) => !behind.has(key) && !isSibling(key));
    return wording === undefined ? [] : [worded(severity, wording, layer.dockerfile, reference)];
  });
}

/** A layer and all that is built on it, directly or through others, by key. */
function dependentsOf(key: string, { dependents }: ScienceGraph): Set<string> {
  const found = new Set([key]);
  for (const each of found) for (const dependent of dependents.get(each) ?? []) found.add(dependent);
  return found;
}

/** In a fragment without stages, text before FROM is the rule and not a mistake. */
function recipeProblems(source: SourceText, dockerfile: Dockerfile, folders: readonly Range[]): Diagnostic[] {
  const isFragment = source.path.startsWith("compat/");
  const counted = dockerfile.problems.filter(
    ({ code, range }) =>
      !(isFragment && fragmentCodes.has(code)) && !(code === "unknown-stage" && isOneOf(folders, range)),
  );
  return counted.map(({ severity, code, message, range, help }) =>
    problem(severity, code, message, {
      ...locate(source.path, source.text, range),
      ...(help !== undefined && { help }),
    }),
  );
}

const fragmentCodes = new Set(["instruction-before-from", "no-from", "no-instructions", "dangling-continuation"]);

const isOneOf = (ranges: readonly Range[], { start }: Range): boolean => ranges.some((each) => each.start === start);

/** In a compat layer `FROM science` stands for the science image, whatever it will be (B24). `folders`: what names no image. */
function named(
  layer: ScienceLayer | CompatLayer,
  dockerfile: Dockerfile,
  folders: readonly Range[],
): readonly ImageReference[] {
  const references = imageReferences(dockerfile, layer.args).filter(({ range }) => !isOneOf(folders, range));
  return layer.kind === "science"
    ? references
    : references.filter(({ via, name }) => via !== "from" || name.toLowerCase() !== "science");
}

function knownTargets(drafts: readonly DraftScience[]): Omit<Context, "prefixes"> {
  const targets = new Map<string, ScienceLayer[]>();
  const broken = new Set<string>();
  const versions = new Map<string, string[]>();
  for (const { layer, salvaged, name } of drafts) {
    const known = layer && targets.get(layer.target);
    if (layer === undefined) broken.add(salvaged?.target ?? name);
    else if (known === undefined) targets.set(layer.target, [layer]);
    else if (known[0]?.directory === layer.directory) known.push(layer);
  }
  for (const { version, target } of [...targets.values()].flat()) {
    const same = versions.get(version);
    if (same) same.push(target);
    else versions.set(version, [target]);
  }
  const layers = [...targets.values()].flatMap(([first]) => first ?? []);
  const names = [
    ...layers.map((each) => [each.image, each] as const),
    ...layers.map((each) => [each.name, each] as const),
  ];
  const byTarget = layers.map((each) => [each.target, each] as const);
  return { targets, broken, versions, names: new Map([...names, ...byTarget]) };
}

interface Classified {
  readonly base?: Base;
  readonly finding?: Finding;
}

/** `isPayload`: it stands in a stage that is built once for all science images. */
function classify(
  layer: ScienceLayer | CompatLayer,
  reference: ImageReference,
  context: Context,
  isPayload: boolean,
): Classified {
  const file = layer.dockerfile;
  const verdict =
    reference.unresolved.length > 0
      ? { error: () => unresolved(reference.unresolved) }
      : judge(reference.name, context);
  const checked = "source" in verdict && isPayload ? judgePayload(verdict) : verdict;
  if ("error" in checked) return { finding: { severity: "error", layer, reference, words: checked.error } };
  const { via, stage, final, range, written, name } = reference;
  const place = placeAt(file.path, file.text, range.start);
  const base: Base = { via, stage, final, range, written, name, source: checked.source, place };
  return {
    base,
    ...(checked.warning && { finding: { severity: "warning", layer, reference, words: checked.warning } }),
  };
}

const worded = (
  severity: "error" | "warning",
  { code, message, help, notes = [] }: Wording,
  file: SourceText,
  { range }: ImageReference,
): Diagnostic => problem(severity, code, message, { ...locate(file.path, file.text, range), help, notes });
