import { randomUUID } from "node:crypto";
import { constants, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import type { Scaffold } from "./model.ts";

/** Writes what was made. Throws `RefusedError` where something to be created is there already, and then writes nothing. */
export function writeScaffold(root: string, { directory, files, copies = [] }: Scaffold): void {
  const created = files.filter(({ is }) => is === "created");
  try {
    if (created.length > 0) createFolder(root, directory);
    for (const { path, text, is } of files) writeText(join(root, path), text, is);
    for (const each of copies) copyOne(join(root, each.path), each);
  } catch (cause) {
    if (cause instanceof RefusedError) throw cause;
    // Half a layer would be an error of the catalogue; the folder is ours alone.
    if (created.length > 0) rmSync(join(root, directory), { recursive: true, force: true });
    const notes = [{ message: (cause as Error).message }];
    throw new FailedError([error("cannot-write", `${directory} cannot be written`, { notes })], { cause });
  }
}

/** Into the new folder alone, over nothing. */
function copyOne(file: string, { from, link }: NonNullable<Scaffold["copies"]>[number]): void {
  mkdirSync(dirname(file), { recursive: true });
  if (link === undefined) copyFileSync(from, file, constants.COPYFILE_EXCL);
  else symlinkSync(link, file);
}

/** Alone: of two who start the same layer one finds it there. */
function createFolder(root: string, directory: string): void {
  const folder = join(root, directory);
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new RefusedError([
      error("already-there", `${directory} is there already, and nothing is overwritten`, {
        help: `choose another name; to change that layer's version: image-builder new science ${directory.split("/")[1]} --in-place --version …`,
      }),
    ]);
  }
}

/** An edited file is replaced as a whole, so that it is never half written. */
function writeText(file: string, text: string, is: "created" | "edited"): void {
  if (is === "created") return writeFileSync(file, text, { flag: "wx" });
  const draft = `${file}.${randomUUID()}.new`;
  writeFileSync(draft, text, { flag: "wx" });
  renameSync(draft, file);
}
