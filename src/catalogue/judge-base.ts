import { nearest } from "../diagnostics/suggest.ts";
import { layerKey } from "../naming/build-id.ts";
import { type LayerName, lastLayerName, parseLayerName, scienceName } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { parseReference } from "../oci/reference.ts";
import { badReference, baseInRel, type MayStart, unknownTarget, unknownVersion, type Wording } from "./base-words.ts";
import type { BaseSource, ScienceLayer } from "./model.ts";

/** What a name is held against. */
export interface Context {
  /** The layers of each target: one, or the variants of a directory. */
  readonly targets: ReadonlyMap<string, readonly ScienceLayer[]>;
  /** Targets by the version of their layers. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** Layers by what people may call them: target, directory, image. */
  readonly names: ReadonlyMap<string, ScienceLayer>;
  /** Targets of layers that are too broken to be read: nothing is said against references to them. */
  readonly broken: ReadonlySet<string>;
  /** `--repo` and the home repository. */
  readonly prefixes: readonly string[];
}

/** Words are chosen when all bases are known: what helps depends on which layers would make a circle. */
export type Words = (mayStart: MayStart) => Wording | undefined;

type Verdict = { readonly source: BaseSource; readonly warning?: Words } | { readonly error: Words };

/** Whether a name, after substitution, is a layer of the catalogue, a fixed image of it, or somebody else's (B9, B10). */
export function judge(name: string, context: Context): Verdict {
  if (name === "scratch") return { source: { kind: "scratch" } };
  const own = ownName(name, context.prefixes);
  if (own === undefined) return judgeForeign(name, context);
  const { kind, name: target, tag, digest } = own;
  if (kind === "rel") return { error: () => baseInRel(target, tag) };
  const repository = name.split("@")[0]?.replace(/:[^/:]*$/, "") ?? name;
  if (digest !== undefined)
    return { source: { kind: "pinned", target, digest, repository, ...(tag !== undefined && { tag }) } };
  return judgeTag(target, tag, repository, context);
}

/** `sci/x:1` alone, or below `--repo` or the home repository; never by the last component of a path alone (B9). */
function ownName(name: string, prefixes: readonly string[]): LayerName | undefined {
  const prefix = prefixes.find((each) => name.startsWith(`${each}/`));
  return parseLayerName(prefix === undefined ? name : name.slice(prefix.length + 1));
}

function judgeTag(target: string, tag: string | undefined, repository: string, context: Context): Verdict {
  const layers = context.targets.get(target);
  const layer = layers?.find(({ version }) => version === tag);
  if (layer) return { source: parentSource(layer) };
  if (tag !== undefined && parseUniqueTag(tag) !== undefined)
    return { source: { kind: "pinned", target, tag, repository } };
  if (layers !== undefined) return { error: (mayStart) => unknownVersion(layers, tag, mayStart) };
  if (context.broken.has(target)) return { source: { kind: "parent", target, version: tag ?? "" } };
  return { error: (mayStart) => unknownTarget(target, context.targets, mayStart) };
}

/** What `bases` say of a layer of this catalogue. */
export const parentSource = ({ target, version, variant }: ScienceLayer): BaseSource & { kind: "parent" } => ({
  kind: "parent",
  target,
  version,
  ...(variant && { variant: true }),
});

function judgeForeign(name: string, context: Context): Verdict {
  if (parseReference(name) === undefined) return { error: () => badReference(name) };
  const found = lastLayerName(name);
  const layer = found?.kind === "sci" && found.digest === undefined ? context.targets.get(found.name)?.[0] : undefined;
  if (layer !== undefined) return { source: { kind: "external" }, warning: () => foreignLayer(name, layer) };
  const meant = namesake(name, context);
  if (meant === undefined) return { source: { kind: "external" } };
  // A layer that is called after the image it starts from means that one.
  const warning: Words = (mayStart) => (mayStart(layerKey(meant)) ? namesakeOfHub(name, meant) : undefined);
  return { source: { kind: "external" }, warning };
}

/** The layer that a name of Docker Hub's may mean: by one of its names, by its directory, or but for a slip of the pen by target and version. */
function namesake(name: string, { names, targets, versions }: Context): ScienceLayer | undefined {
  const [, folder = "", plain = "", tag] = /^(science\/)?([^/:@]+)(?::([^/:@]+))?(?:@[^/@]+)?$/.exec(name) ?? [];
  const known = names.get(plain);
  if (known !== undefined && (folder === "" || known.directory === `science/${plain}`)) return known;
  if (folder !== "" || tag === undefined) return undefined;
  const target = nearest(plain, versions.get(tag) ?? []);
  return target === undefined ? undefined : targets.get(target)?.find(({ version }) => version === tag);
}

const foreignLayer = (name: string, layer: ScienceLayer): Wording => ({
  code: "foreign-layer",
  message: `${name} is in a registry of others and is not built here, although this catalogue has a layer "${layer.target}"`,
  help: `write "${scienceName(layer)}" to start from the catalogue's layer`,
});

const namesakeOfHub = (name: string, layer: ScienceLayer): Wording => ({
  code: "foreign-layer",
  message: `${name} is an image of Docker Hub, although this catalogue has ${layer.directory}`,
  help: `write "${scienceName(layer)}" to start from the catalogue's layer, or "docker.io/${name.includes("/") ? "" : "library/"}${name}" if Docker Hub's is meant`,
});

export function judgePayload(verdict: Extract<Verdict, { source: BaseSource }>): Verdict {
  const { source } = verdict;
  if (source.kind !== "parent") return verdict;
  const message = `a stage of a compat layer starts from the science layer "${source.target}"; it is built once for all science images and cannot follow one of them`;
  const help = `pin it to a unique tag, "${scienceName(source)}-…", or start from an image of others`;
  return { error: () => ({ code: "payload-on-science", message, help }) };
}
