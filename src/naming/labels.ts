/** Keys of the labels that images carry (B27), for those who write and those who read them. */

/** What a layer says of itself. `layers`, the compat stack, is of compat builds alone; `refreshed` of what was built anew unchanged. */
export type LabelField = "version" | "buildtime" | "inputs" | "base" | "layers" | "refreshed";

const science = "org.sciserver.science.";
const compat = "org.sciserver.compat.";

export const scienceLabel = (target: string, field: LabelField | "*"): string => `${science}${target}.${field}`;
export const compatLabel = (field: LabelField | "*"): string => `${compat}${field}`;

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md#pre-defined-annotation-keys */
export const standardLabel = (
  name: "created" | "revision" | "source" | "version" | "base.name" | "base.digest",
): string => `org.opencontainers.image.${name}`;

/**
 * The labels that stand on the manifest as well, as annotations: which build it is, what it was made from and of which commit. Who
 * holds a tag against a commit then needs no configuration.
 */
export const manifestAnnotations = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => isAnnotated(key)));

const isAnnotated = (key: string): boolean =>
  key === standardLabel("revision") || ["version", "inputs"].includes(parseLabelKey(key)?.field ?? "");

/** Annotation: what the image's making asked of the files of its base, with the answers. */
export const baseFilesAnnotation = `${compat}base-files`;

/** Annotation of what carries the verdict on an image: what users of its science image find in it. */
export const resolvesAnnotation = `${compat}resolves`;

/** A label of ours taken apart; `target` is there for those of science layers. */
interface LabelKey {
  readonly field: string;
  readonly target?: string;
}

/** A target may have dots in it; the field is what stands behind the last. Undefined for the labels of others. */
export function parseLabelKey(key: string): LabelKey | undefined {
  if (key.startsWith(compat)) return { field: key.slice(compat.length) };
  if (!key.startsWith(science)) return undefined;
  const dot = key.lastIndexOf(".");
  const target = key.slice(science.length, Math.max(science.length, dot));
  return target === "" ? undefined : { field: key.slice(dot + 1), target };
}
