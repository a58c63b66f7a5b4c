import type { WithdrawnImage } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { parseLayerPath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import { chainDigest } from "../published/build-mark.ts";
import { readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";

/**
 * Moves that would give users a build that must not be used any more, or another one of the same inputs (B37); each is an error.
 * Two requests for each image of which anything was withdrawn.
 */
export async function withdrawnMoves(
  units: readonly TagUnit[],
  withdrawn: readonly WithdrawnImage[],
  registries: Registries,
): Promise<Diagnostic[]> {
  const found = await Promise.all(
    units.flatMap(({ moves }) => moves.map((move) => withdrawnMove(move, withdrawn, registries))),
  );
  return found.flat();
}

async function withdrawnMove(
  { reference, to }: TagMove,
  withdrawn: readonly WithdrawnImage[],
  registries: Registries,
): Promise<Diagnostic[]> {
  const path = parseLayerPath(parseReference(reference)?.repository ?? "");
  const entries = withdrawn.filter(({ image }) => path?.kind === "rel" && path.name === image);
  if (entries.length === 0) return [];
  const { repository } = tagPlace(registries, reference);
  const image = await readPublishedImage({ repository, target: to }, reference, imagePlatform);
  const found = withdrawnAs(entries, { digest: to, inputs: image && chainDigest(image.crumbs) });
  return found ? [refusal(reference, found)] : [];
}

/** The withdrawal that a build falls under. `inputs`: as `chainDigest` has it. */
export const withdrawnAs = (
  entries: readonly WithdrawnImage[],
  build: { readonly digest?: Digest; readonly inputs?: Digest | undefined },
): WithdrawnImage | undefined =>
  entries.find(
    ({ digest, inputs }) =>
      (digest !== undefined && digest === build.digest) || (inputs !== undefined && inputs === build.inputs),
  );

const refusal = (reference: string, { image, tag, reason }: WithdrawnImage): Diagnostic =>
  error("withdrawn-build", `${reference} may not point at ${image}:${tag}, which is withdrawn: ${reason}`, {
    notes: [{ message: "no tag was moved" }],
    help: `choose another build, or take it back with image-builder withdraw --undo ${image}:${tag}`,
  });
