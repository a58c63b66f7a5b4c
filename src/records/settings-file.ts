import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AdoptedImage, WithdrawnImage } from "../catalogue/model.ts";
import { settingsFile } from "../catalogue/schema.ts";
import { settingsFileName } from "../catalogue/settings.ts";
import { readDefinition } from "../catalogue/validate.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { replaceFile } from "../disk/private.ts";
import { withEntry, withoutEntries } from "./edit-list.ts";

/** The lists of `image-builder.json` that commands write. */
interface Lists {
  readonly adopted: AdoptedImage;
  readonly withdrawn: WithdrawnImage;
}

/** Adds an entry at the end of a list; the file is made where there is none. All else in it stays as it is. */
export const addEntry = <K extends keyof Lists>(root: string, list: K, entry: Lists[K]): Promise<void> =>
  rewrite(root, (text) => withEntry(text, list, entry));

/** Removes the entries at these places of a list. */
export const removeEntries = (root: string, list: keyof Lists, places: readonly number[]): Promise<void> =>
  rewrite(root, (text) => withoutEntries(text, list, places));

/** By a file beside it, so that an interruption leaves the old one. Throws `RefusedError` when it would be no good. */
async function rewrite(root: string, change: (text: string) => string): Promise<void> {
  const path = join(root, settingsFileName);
  const text = change(await textOf(path));
  const { diagnostics } = readDefinition({ path: settingsFileName, text }, settingsFile);
  if (hasErrors(diagnostics)) throw new RefusedError(diagnostics);
  await replaceFile(path, text);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw cause;
  }
}
