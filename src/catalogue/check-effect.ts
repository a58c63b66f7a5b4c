import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { formatPlatform, imagePlatform } from "../oci/platform.ts";
import { locateKey } from "./check-compat.ts";
import type { ScienceLayer } from "./model.ts";

/** Code of what is written down and does nothing yet. It is said wherever a build may be expected to heed it. */
export const noEffect = "no-effect";

/** Keys of definitions that are taken and not heeded yet, where what is built would be other than what they ask for. */
export const checkEffect = (science: readonly ScienceLayer[]): Diagnostic[] => science.flatMap(platformsOf);

function platformsOf(layer: ScienceLayer): Diagnostic[] {
  const own = formatPlatform(imagePlatform);
  const others = layer.platforms.filter((each) => each !== own);
  if (others.length === 0) return [];
  const place = locateKey(layer, "platforms");
  if (others.length === layer.platforms.length) {
    const message = `${layer.directory} is for ${others.join(", ")}, and images are built for ${own} alone so far`;
    return [error("other-platform", message, { ...place, help: `add "${own}" to "platforms", or leave the key out` })];
  }
  const message = `"platforms" has no effect yet: ${layer.directory} is built for ${own}, and not for ${others.join(", ")}`;
  return [warning(noEffect, message, { ...place, help: `leave ${others.join(", ")} out of "platforms" until then` })];
}
