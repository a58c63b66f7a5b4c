import type { WithdrawnImage } from "../catalogue/model.ts";
import type { ImageBuild, NamedBase, Pin } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { parseLayerPath } from "../naming/layer-name.ts";
import { sha256Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReferenceOrThrow } from "../oci/reference.ts";
import { chainOf, chainOn } from "../published/build-mark.ts";
import { readPublishedImage } from "../published/image.ts";
import { locate } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";
import { withdrawnAs } from "./withdrawn.ts";

interface ChainOptions {
  readonly withdrawn: readonly WithdrawnImage[];
  /** What the base of a build is at this moment. */
  readonly pinOf: (base: NamedBase, build: ImageBuild) => Pin;
  readonly registries: Registries;
}

/**
 * Builds that would be made of the same as one that was withdrawn, by id, each with the problem (B37): known before anything is
 * built. Asks for the base of an interface where its science image is not built, and only for images of which something was
 * withdrawn.
 */
export async function withdrawnBuilds(
  builds: readonly ImageBuild[],
  options: ChainOptions,
): Promise<Map<string, readonly Diagnostic[]>> {
  const found = await Promise.all(
    builds.map(async (build): Promise<readonly [string, readonly Diagnostic[]][]> => {
      const entries = options.withdrawn.filter(({ image }) => build.kind === "compat" && image === imageOf(build));
      if (entries.length === 0) return [];
      const chain = await chainOfBuild(build, builds, options);
      const again = chain === undefined ? undefined : withdrawnAs(entries, { inputs: sha256Digest(chain) });
      return again ? [[build.id, [sameAgain(build, again)]]] : [];
    }),
  );
  return new Map(found.flat());
}

const imageOf = ({ tags }: ImageBuild): string | undefined =>
  parseLayerPath(parseReferenceOrThrow(tags[1]).repository)?.name;

/** As `chainOf` would read it from the labels of the image; undefined where that cannot be foretold. */
async function chainOfBuild(
  build: ImageBuild,
  builds: readonly ImageBuild[],
  options: ChainOptions,
): Promise<string | undefined> {
  const base = build.dockerfile.references.find(({ final }) => final)?.base;
  const name = build.kind === "compat" ? "" : build.id.slice(build.id.indexOf("/") + 1);
  const below = await chainBelow(base, build, builds, options);
  return below && chainOn(below, name, build.inputs);
}

async function chainBelow(
  base: ImageBuild["dockerfile"]["references"][number]["base"] | undefined,
  build: ImageBuild,
  builds: readonly ImageBuild[],
  options: ChainOptions,
): Promise<string | undefined> {
  if (base === undefined) return "scratch";
  if (base.kind === "built") {
    const parent = builds.find(({ id }) => id === base.id);
    return parent && chainOfBuild(parent, builds, options);
  }
  const { reference, digest } = options.pinOf(base, build);
  if (base.source.kind === "external" || digest === undefined) return digest;
  const place = locate(options.registries, parseReferenceOrThrow(reference));
  const image = await readPublishedImage({ ...place, target: digest }, reference, imagePlatform);
  return image && chainOf(image.crumbs);
}

const sameAgain = ({ id, tags }: ImageBuild, { image, tag, reason }: WithdrawnImage): Diagnostic =>
  error("withdrawn-build", `${id} would be ${image}:${tag} once more, which is withdrawn: ${reason}`, {
    notes: [
      { message: `its definition, those it stands on and its base image are the same; ${tags[1]} stays as it is` },
    ],
    help: `mend its definition; or take it back with image-builder withdraw --undo ${image}:${tag}`,
  });
