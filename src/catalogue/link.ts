import { type Diagnostic, error, problem, warning } from "../diagnostics/diagnostic.ts";
import { locate, placeAt } from "../diagnostics/text.ts";
import type { Dockerfile, ImageReference } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { imageReferences } from "../dockerfile/references.ts";
import { unresolved, type Wording } from "./base-words.ts";
import { type Context, judge, judgePayload } from "./judge-base.ts";
import type { Base, CompatLayer, ScienceLayer, Settings, SourceText } from "./model.ts";
import type { Draft, DraftCompat, DraftScience } from "./read-layer.ts";

interface Linked {
  readonly science: readonly ScienceLayer[];
  readonly compat: readonly CompatLayer[];
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
  // That of a science layer is let go at once: thousands of them would cost more to keep than to read.
  const link = <L extends ScienceLayer | CompatLayer>({ layer, recipe }: Draft<L>): L[] => {
    if (recipe === undefined) return [];
    const dockerfile = layer?.kind === "compat" ? layer.dockerfile : parseDockerfile(recipe.text);
    diagnostics.push(...recipeProblems(recipe, dockerfile));
    if (layer === undefined) return [];
    const found = named(layer, dockerfile).map((each) => classify(layer, each, context));
    diagnostics.push(...found.flatMap((each) => each.diagnostics));
    return [{ ...layer, bases: found.flatMap((each) => each.base ?? []) }];
  };
  return { science: science.flatMap(link), compat: compat.flatMap(link), diagnostics };
}

/** In a fragment without stages, text before FROM is the rule and not a mistake. */
function recipeProblems(source: SourceText, dockerfile: Dockerfile): Diagnostic[] {
  const isFragment = source.path.startsWith("compat/");
  const counted = dockerfile.problems.filter((each) => !(isFragment && fragmentCodes.has(each.code)));
  return counted.map(({ severity, code, message, range, help }) =>
    problem(severity, code, message, {
      ...locate(source.path, source.text, range),
      ...(help !== undefined && { help }),
    }),
  );
}

const fragmentCodes = new Set(["instruction-before-from", "no-from", "no-instructions", "dangling-continuation"]);

/** In a compat layer `FROM science` stands for the science image, whatever it will be (B24). */
function named(layer: ScienceLayer | CompatLayer, dockerfile: Dockerfile): readonly ImageReference[] {
  const references = imageReferences(dockerfile, layer.args);
  return layer.kind === "science"
    ? references
    : references.filter(({ via, name }) => via !== "from" || name.toLowerCase() !== "science");
}

function knownTargets(drafts: readonly DraftScience[]): Pick<Context, "targets" | "broken"> {
  const targets = new Map<string, ScienceLayer>();
  const broken = new Set<string>();
  for (const { layer, name } of drafts) {
    if (layer === undefined) broken.add(name);
    else if (!targets.has(layer.target)) targets.set(layer.target, layer);
  }
  return { targets, broken };
}

interface Classified {
  readonly base?: Base;
  readonly diagnostics: readonly Diagnostic[];
}

function classify(layer: ScienceLayer | CompatLayer, reference: ImageReference, context: Context): Classified {
  const file = layer.dockerfile;
  const verdict =
    reference.unresolved.length > 0 ? { error: unresolved(reference.unresolved) } : judge(reference.name, context);
  const checked = "source" in verdict ? (layer.kind === "compat" ? judgePayload(verdict) : verdict) : verdict;
  if ("error" in checked) return { diagnostics: [worded(error, checked.error, file, reference)] };
  const { via, stage, final, range, written, name } = reference;
  const base: Base = {
    via,
    stage,
    final,
    range,
    written,
    name,
    source: checked.source,
    place: placeAt(file.path, file.text, range.start),
  };
  return { base, diagnostics: checked.warning ? [worded(warning, checked.warning, file, reference)] : [] };
}

const worded = (
  make: typeof error,
  { code, message, help, notes = [] }: Wording,
  file: SourceText,
  { range }: ImageReference,
): Diagnostic => make(code, message, { ...locate(file.path, file.text, range), help, notes });
