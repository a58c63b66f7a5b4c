import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { releaseName, scienceName } from "../naming/layer-name.ts";
import { locateKey } from "./check-compat.ts";
import type { ScienceLayer } from "./model.ts";

/** What is said of a reference that cannot stand; the place is added where it is known. */
export interface Wording {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly notes?: Diagnostic["notes"];
}

/** Whether a layer may start from a target without a circle. */
export type MayStart = (target: string) => boolean;

export const unresolved = (names: readonly string[]): Wording => ({
  code: "unresolved-argument",
  message: `the argument ${names.join(", ")} has no value, so the base is not known`,
  help: `give ARG ${names[0]} a default before the first FROM, or a value in "args" of ${"sciserver-image.json"}`,
});

export const baseInRel = (image: string, tag = "…"): Wording => ({
  code: "base-in-rel",
  message: `${releaseName({ image, version: tag })} is an image with an interface; images are made of science layers`,
  help: 'write "sci/{target}:{version}" of the science layer that it is made of',
});

/** `mayStart`: whether the layer may start from a target; a hint must not lead into a circle. */
export const unknownTarget = (
  target: string,
  targets: ReadonlyMap<string, ScienceLayer>,
  mayStart: MayStart,
): Wording => {
  const near = nearest(target, [...targets.keys()].filter(mayStart));
  const layer = near === undefined ? undefined : targets.get(near);
  return {
    code: "unknown-parent",
    message: `no science layer of this catalogue has the target "${target}"`,
    help: layer === undefined ? otherwise : `write "${scienceName(layer)}", or ${otherwise}`,
  };
};

const otherwise = "name a registry in full to start from an image this catalogue does not build";

export const unknownVersion = (layer: ScienceLayer, tag: string | undefined, mayStart: MayStart): Wording => ({
  code: "unknown-parent",
  message: `science image "${layer.target}" has version ${layer.version}, not ${tag ?? "latest"}`,
  notes: [
    {
      message: `"${layer.target}" is defined here`,
      at: locateKey(layer, "version").at,
    },
  ],
  help: mayStart(layer.target)
    ? `write "${scienceName(layer)}", or ${otherwise}`
    : `name an image that was published by its unique tag, "${scienceName({ target: layer.target, version: tag ?? "…" })}-…", or ${otherwise}`,
});

export const badReference = (name: string): Wording => ({
  code: "bad-reference",
  message: `${JSON.stringify(name)} is not the name of an image`,
  help: "write REPOSITORY:TAG in lower case, with a registry before it where it is not Docker Hub's",
});
