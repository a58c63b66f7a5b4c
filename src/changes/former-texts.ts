import { join } from "node:path";
import { mayListVariants, recipeNames } from "../catalogue/list.ts";
import { settingsFileName } from "../catalogue/settings.ts";
import type { Difference } from "../git/differences.ts";
import { readBlobs } from "../git/objects.ts";
import type { ConvertedFile } from "./recipes.ts";

/** Former texts are wanted only of the files that decide whether a change can reach an image (B13, B17). */
const isJudged = (path: string): boolean => {
  const [kind = "", , name = "", ...below] = path.split("/");
  const isRecipe = recipeNames.has(name) || (kind === "science" && mayListVariants(name));
  return path === settingsFileName || (/^(science|compat)$/.test(kind) && isRecipe && below.length === 0);
};

export const formerBlobs = (differences: readonly Difference[]): ConvertedFile[] =>
  differences.flatMap(({ path, blob }) =>
    blob !== undefined && isJudged(path) ? [{ path, blob, repository: "" }] : [],
  );

/** Bytes. */
const largestText = 4 * 1024 * 1024;

/** Texts by blob, by one process for each repository; those that are too large are left out. */
export async function readTexts(root: string, files: readonly ConvertedFile[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const repository of new Set(files.map((each) => each.repository))) {
    const blobs = files.filter((each) => each.repository === repository).map(({ blob }) => blob);
    for (const [blob, bytes] of await readBlobs(join(root, repository), blobs, largestText))
      texts.set(blob, bytes.toString("utf8"));
  }
  return texts;
}
