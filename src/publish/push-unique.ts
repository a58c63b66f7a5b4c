import { FailedError } from "../diagnostics/failure.ts";
import type { RunOptions } from "../engines/run-model.ts";
import type { Registries } from "../registry/model.ts";
import { takenTag, toBuilt, uniqueImage } from "./survey.ts";

/**
 * Sends each image under its unique tag as soon as it is built and tested. Somebody else may have published the same in the
 * meantime: then theirs counts, or the build fails (B30).
 */
export const pushUnique =
  (registries: Registries): NonNullable<RunOptions["publish"]> =>
  async (image, build, engine, task) => {
    if (build.kind === "payload") return image;
    const there = await uniqueImage(build, registries);
    if (there) {
      const problems = takenTag(build, there, new Set());
      if (problems.length > 0) throw new FailedError(problems);
      return toBuilt(build, there);
    }
    return { ...image, manifest: await engine.push(image, image.reference, task) };
  };
