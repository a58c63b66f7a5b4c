/** `sci`: a science image, by its target. `rel`: what users pull, by its image. */
type LayerKind = "sci" | "rel";

/** Where the images of a layer lie below a repository prefix: `sci/nist-basic`, `rel/essentials`. */
interface LayerPath {
  readonly kind: LayerKind;
  /** Target or image. */
  readonly name: string;
  /** What stands before it, without the slash; undefined where nothing does. */
  readonly prefix?: string;
}

/** As people and Dockerfiles write it: `sci/nist-basic:1.0`, `rel/essentials`, with or without a digest. */
export interface LayerName extends Omit<LayerPath, "prefix"> {
  readonly tag?: string;
  /** As it stands there; not necessarily one. */
  readonly digest?: string;
}

export const sciencePath = (target: string): string => `sci/${target}`;
export const releasePath = (image: string): string => `rel/${image}`;

/** What `sciencePath` writes, for schemas. */
export const sciencePathPattern = /^sci\/[a-z0-9._-]+$/;

/** `sci/nist-basic:1.0`: what a FROM line may say. */
export const scienceName = ({ target, version }: { readonly target: string; readonly version: string }): string =>
  `${sciencePath(target)}:${version}`;

/** `rel/essentials:2.4`. */
export const releaseName = ({ image, version }: { readonly image: string; readonly version: string }): string =>
  `${releasePath(image)}:${version}`;

/** Takes the path of a repository apart, with or without registry; undefined for one that is no layer's. */
export function parseLayerPath(path: string): LayerPath | undefined {
  const found = /^(?:(.+)\/)?(sci|rel)\/([^/:@]+)$/.exec(path);
  if (found === null) return undefined;
  const [, prefix, kind, name = ""] = found;
  return { kind: kind as LayerKind, name, ...(prefix !== undefined && { prefix }) };
}

/** Undefined for anything else, a reference with a registry among it. */
export function parseLayerName(text: string): LayerName | undefined {
  const found = /^(sci|rel)\/([^/:@]+)(?::([^/:@]+))?(?:@([^/@]+))?$/.exec(text);
  if (found === null) return undefined;
  const [, kind, name = "", tag, digest] = found;
  return {
    kind: kind as LayerKind,
    name,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** What the last two parts of a reference say, whatever registry it is in. */
export const lastLayerName = (reference: string): LayerName | undefined =>
  parseLayerName(reference.split("/").slice(-2).join("/"));

/** Reads `essentials:2.4`, with or without `rel/` before it, as people name an image-version or a build; undefined for anything else. */
export function parseImageTag(text: string): { readonly image: string; readonly tag: string } | undefined {
  const [, image, tag] = /^(?:rel\/)?([^:@/]+):([^:@/]+)$/.exec(text) ?? [];
  return image === undefined || tag === undefined ? undefined : { image, tag };
}

/** Reads `essentials` or `essentials:2.4`, with or without `rel/` before it; undefined for anything else. */
export function parseImageName(text: string): { readonly image: string; readonly tag?: string } | undefined {
  const [, image, tag] = /^(?:rel\/)?([^:@/]+)(?::([^:@/]+))?$/.exec(text) ?? [];
  if (image === undefined) return undefined;
  return tag === undefined ? { image } : { image, tag };
}
