import type { ImageNames } from "../run/subjects.ts";
import type { Call } from "./command.ts";
import { usageError } from "./usage.ts";

/** The images named on the line, or all with `--all`. `command` is named in what is said where it is neither, or both. */
export function imageNames(command: string, { values, arguments: names }: Call): ImageNames {
  const all = values.flag("all") ?? false;
  if (all && names.length > 0) throw usageError("--all stands beside the name of an image", "leave one of them out");
  if (!all && names.length === 0) {
    throw usageError(
      `"image-builder ${command}" needs an image`,
      `write image-builder ${command} IMAGE:VERSION, or --all`,
    );
  }
  return all ? "all" : names;
}
