import { compatLabel } from "../naming/labels.ts";
import { sciencePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import { readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { digestOf, tagPlace } from "./tags.ts";
import type { TagMove } from "./units.ts";

/**
 * The science image goes back to the one that the users' image was built on, so that the next interface update is built on it,
 * too. `reference`: the users' stable tag, `to`: the build it goes to. Undefined where its labels do not say.
 */
export async function scienceMove(
  reference: string,
  to: Digest,
  { repo, registries }: { readonly repo: string; readonly registries: Registries },
): Promise<TagMove | undefined> {
  const { repository, target: tag } = tagPlace(registries, reference);
  const image = await readPublishedImage({ repository, target: to }, reference, imagePlatform);
  const base = parseReference(image?.labels[compatLabel("base")] ?? "");
  if (!base?.digest || !`${base.registry}/${base.repository}`.startsWith(`${repo}/${sciencePath("")}`))
    return undefined;
  const science = `${base.registry}/${base.repository}:${tag}`;
  const from = await digestOf(tagPlace(registries, science));
  return { reference: science, ...(from !== undefined && { from }), to: base.digest };
}
