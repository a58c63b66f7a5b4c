import { type Diagnostic, error, problem, warning } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { locate, placeAt } from "../diagnostics/text.ts";
import type { Dockerfile, ImageReference } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { imageReferences } from "../dockerfile/references.ts";
import { parseReference } from "../oci/reference.ts";
import { locateKey } from "./check-compat.ts";
import type { Base, BaseSource, CompatLayer, ScienceLayer, Settings, SourceText } from "./model.ts";
import type { Draft, DraftCompat, DraftScience } from "./read-layer.ts";
import { parseUniqueTag } from "./tags.ts";

export interface Linked {
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
  // A parsed Dockerfile is let go at once: thousands of them would cost more to keep than to read.
  const link = <L extends ScienceLayer | CompatLayer>({ layer, recipe }: Draft<L>): L[] => {
    if (recipe === undefined) return [];
    const dockerfile = parseDockerfile(recipe.text);
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

interface Context {
  /** The first layer of each target. */
  readonly targets: ReadonlyMap<string, ScienceLayer>;
  /** Targets of layers that are too broken to be read: nothing is said against references to them. */
  readonly broken: ReadonlySet<string>;
  /** `--repo` and the home repository. */
  readonly prefixes: readonly string[];
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

type Verdict = { readonly source: BaseSource; readonly warning?: Wording } | { readonly error: Wording };

interface Wording {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly notes?: Diagnostic["notes"];
}

function classify(layer: ScienceLayer | CompatLayer, reference: ImageReference, context: Context): Classified {
  const file = layer.dockerfile;
  const verdict = reference.unresolved.length > 0 ? { error: unresolved(reference) } : judge(reference.name, context);
  const checked = "source" in verdict ? (layer.kind === "compat" ? judgePayload(verdict) : verdict) : verdict;
  if ("error" in checked) return { diagnostics: [worded(error, checked.error, file, reference)] };
  const { via, stage, range, written, name } = reference;
  const base: Base = {
    via,
    stage,
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

function judge(name: string, context: Context): Verdict {
  if (name === "scratch") return { source: { kind: "scratch" } };
  const own = ownPath(name, context.prefixes);
  if (own === undefined) return judgeForeign(name, context);
  const { kind, target, tag, digest } = own;
  if (kind === "rel") return { error: baseInRel(target, tag) };
  const repository = name.split("@")[0]?.replace(/:[^/:]*$/, "") ?? name;
  if (digest !== undefined)
    return { source: { kind: "pinned", target, digest, repository, ...(tag !== undefined && { tag }) } };
  return judgeTag(target, tag, repository, context);
}

interface OwnPath {
  readonly kind: "sci" | "rel";
  readonly target: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** `sci/x:1` alone, or below `--repo` or the home repository; never by the last component of a path alone (B9). */
function ownPath(name: string, prefixes: readonly string[]): OwnPath | undefined {
  const prefix = prefixes.find((each) => name.startsWith(`${each}/`));
  const path = prefix === undefined ? name : name.slice(prefix.length + 1);
  const found = /^(sci|rel)\/([^/:@]+)(?::([^/:@]+))?(?:@([^/@]+))?$/.exec(path);
  if (found === null) return undefined;
  const [, kind, target = "", tag, digest] = found;
  return {
    kind: kind as OwnPath["kind"],
    target,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function judgeTag(target: string, tag: string | undefined, repository: string, context: Context): Verdict {
  const layer = context.targets.get(target);
  if (layer !== undefined && tag === layer.version)
    return { source: { kind: "parent", target, version: layer.version } };
  if (tag !== undefined && parseUniqueTag(tag) !== undefined)
    return { source: { kind: "pinned", target, tag, repository } };
  if (layer !== undefined) return { error: unknownVersion(layer, tag) };
  if (context.broken.has(target)) return { source: { kind: "parent", target, version: tag ?? "" } };
  return { error: unknownTarget(target, context) };
}

function judgeForeign(name: string, context: Context): Verdict {
  if (parseReference(name) === undefined) return { error: badReference(name) };
  const found = /\/sci\/([^/:@]+)(?::([^/@]+))?$/.exec(name);
  const layer = context.targets.get(found?.[1] ?? "");
  if (found === null || layer === undefined) return { source: { kind: "external" } };
  const message = `${name} is in a registry of others and is not built here, although this catalogue has a layer "${layer.target}"`;
  const help = `write "sci/${layer.target}:${layer.version}" to start from the catalogue's layer`;
  return { source: { kind: "external" }, warning: { code: "foreign-layer", message, help } };
}

function judgePayload(verdict: Extract<Verdict, { source: BaseSource }>): Verdict {
  const { source } = verdict;
  if (source.kind !== "parent") return verdict;
  const message = `a stage of a compat layer starts from the science layer "${source.target}"; it is built once for all science images and cannot follow one of them`;
  return {
    error: {
      code: "payload-on-science",
      message,
      help: `pin it to a unique tag, "sci/${source.target}:${source.version}-…", or start from an image of others`,
    },
  };
}

const unresolved = ({ unresolved: names }: ImageReference): Wording => ({
  code: "unresolved-argument",
  message: `the argument ${names.join(", ")} has no value, so the base is not known`,
  help: `give ARG ${names[0]} a default before the first FROM, or a value in "args" of ${"sciserver-image.json"}`,
});

const baseInRel = (image: string, tag = "…"): Wording => ({
  code: "base-in-rel",
  message: `rel/${image}:${tag} is a compat build; a science layer starts from a science layer`,
  help: 'write "sci/{target}:{version}" of the science layer that it is made of',
});

const unknownTarget = (target: string, { targets }: Context): Wording => {
  const near = nearest(target, targets.keys());
  const layer = near === undefined ? undefined : targets.get(near);
  return {
    code: "unknown-parent",
    message: `no science layer of this catalogue has the target "${target}"`,
    help: layer === undefined ? otherwise : `write "sci/${layer.target}:${layer.version}", or ${otherwise}`,
  };
};

const otherwise = "name a registry in full to start from an image this catalogue does not build";

const unknownVersion = (layer: ScienceLayer, tag: string | undefined): Wording => ({
  code: "unknown-parent",
  message: `science image "${layer.target}" has version ${layer.version}, not ${tag ?? "latest"}`,
  notes: [
    {
      message: `"${layer.target}" is defined here`,
      at: locateKey(layer, "version").at,
    },
  ],
  help: `write "sci/${layer.target}:${layer.version}", or ${otherwise}`,
});

const badReference = (name: string): Wording => ({
  code: "bad-reference",
  message: `${JSON.stringify(name)} is not the name of an image`,
  help: "write REPOSITORY:TAG in lower case, with a registry before it where it is not Docker Hub's",
});
