import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { layerKey } from "../naming/build-id.ts";
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

/** Whether a layer may start from another without a circle; takes its key (`layerKey`). */
export type MayStart = (key: string) => boolean;

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

/** `mayStart`: a hint must not lead into a circle. */
export const unknownTarget = (
  target: string,
  targets: ReadonlyMap<string, readonly ScienceLayer[]>,
  mayStart: MayStart,
): Wording => {
  const possible = new Map(
    [...targets.values()].flat().flatMap((each) => (mayStart(layerKey(each)) ? [[each.target, each] as const] : [])),
  );
  const near = nearest(target, [...possible.keys()]);
  const layer = near === undefined ? undefined : possible.get(near);
  return {
    code: "unknown-parent",
    message: `no science layer of this catalogue has the target "${target}"`,
    help: layer === undefined ? otherwise : `write "${scienceName(layer)}", or ${otherwise}`,
  };
};

const otherwise = "name a registry in full to start from an image this catalogue does not build";

/** `layers`: those of the target, at least one. */
export const unknownVersion = (
  layers: readonly ScienceLayer[],
  tag: string | undefined,
  mayStart: MayStart,
): Wording => {
  const target = layers[0]?.target ?? "";
  const versions = layers.map(({ version }) => version);
  const possible = layers.filter((each) => mayStart(layerKey(each)));
  const near = nearest(
    tag ?? "latest",
    possible.map(({ version }) => version),
  );
  const layer = possible.find(({ version }) => version === near) ?? possible[0];
  return {
    code: "unknown-parent",
    message: `science image "${target}" has version${versions.length === 1 ? "" : "s"} ${versions.join(", ")}, not ${tag ?? "latest"}`,
    notes: layers.slice(0, 1).map((each) => ({
      message: `"${target}" is defined here`,
      at: locateKey(each, "version").at,
    })),
    help: layer
      ? `write "${scienceName(layer)}", or ${otherwise}`
      : `name an image that was published by its unique tag, "${scienceName({ target, version: tag ?? "…" })}-…", or ${otherwise}`,
  };
};

export const badReference = (name: string): Wording => ({
  code: "bad-reference",
  message: `${JSON.stringify(name)} is not the name of an image`,
  help: "write REPOSITORY:TAG in lower case, with a registry before it where it is not Docker Hub's",
});
