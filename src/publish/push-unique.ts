import type { ImageBuild } from "../compose/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { BuiltImage, Engine } from "../engines/model.ts";
import type { RunOptions } from "../engines/run-model.ts";
import type { Digest } from "../oci/digest.ts";
import type { PublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { type Survey, takenTag, toBuilt, uniqueImage } from "./survey.ts";

/**
 * Sends each image under its unique tag as soon as it is built and tested. Somebody else may have published the same in the
 * meantime: then theirs counts, or the build fails (B30). `shared`: gets the digests of those that others published.
 */
export function pushUnique(
  registries: Registries,
  shared: Set<Digest>,
  { present, seen }: Pick<Survey, "present" | "seen">,
): NonNullable<RunOptions["publish"]> {
  const known = new Map([...present].map(([id, { manifest }]) => [id, manifest]));
  return async (image, build, engine, task) => {
    if (build.kind === "payload") return image;
    const there = isStillFree(build, engine) ? undefined : await adopt(build);
    const pushed = there ?? { ...image, manifest: await engine.push(image, image.reference, task) };
    known.set(build.id, pushed.manifest);
    return pushed;
  };

  /**
   * A look of a moment ago still counts where another run of this commit makes the same bytes: by an engine that repeats, of what
   * was published before.
   */
  function isStillFree({ id, dependsOn }: ImageBuild, engine: Engine): boolean {
    const isRecent = Date.now() - (seen.get(id) ?? 0) < recent;
    return isRecent && engine.repeats === true && dependsOn.every((each) => present.has(each));
  }

  async function adopt(build: ImageBuild): Promise<BuiltImage | undefined> {
    const there = await uniqueImage(build, registries);
    if (there === undefined) return undefined;
    mayStandFor(build, there, known);
    shared.add(there.digest);
    return toBuilt(build, there);
  }
}

/** Milliseconds. */
const recent = 60_000;

/** For `PublishOptions.adopt`. */
export const adoptUnique =
  (builds: readonly ImageBuild[], registries: Registries, shared: Set<Digest>) =>
  async (id: string, digests: ReadonlyMap<string, Digest>): Promise<Digest> => {
    const build = builds.find((each) => each.id === id) as ImageBuild;
    const there = await uniqueImage(build, registries);
    if (there === undefined) throw new FailedError([gone(build)]);
    mayStandFor(build, there, digests);
    shared.add(there.digest);
    return there.digest;
  };

function mayStandFor(build: ImageBuild, image: PublishedImage, digests: ReadonlyMap<string, Digest | undefined>): void {
  const problems = takenTag(build, image, new Set(), digests);
  if (problems.length > 0) throw new FailedError(problems);
}

const gone = ({ tags }: ImageBuild) =>
  error("unique-tag-gone", `${tags[0]} is not in the registry, though this run has put it there`, {
    help: "see whether somebody deletes images, or whether the registry keeps what it accepts; then run it again",
  });
