import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** The nearest folder from `start` upwards that holds `science/`, `compat/` or `image-builder.json`. Throws `RefusedError`. */
export function findRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (isRoot(folder)) return folder;
    if (folder === dirname(folder)) throw new RefusedError([noCatalogue(start)]);
  }
}

/** Throws `RefusedError` for a folder that holds no catalogue. */
export function assertRoot(folder: string): string {
  if (!isRoot(folder)) throw new RefusedError([noCatalogue(folder, "")]);
  return folder;
}

const isRoot = (folder: string): boolean =>
  ["science", "compat", "image-builder.json"].some((each) => existsSync(join(folder, each)));

const noCatalogue = (start: string, above = " or above it"): Diagnostic =>
  error("no-catalogue", `there is no catalogue in ${start}${above}: no science/, compat/ or image-builder.json`, {
    help: "change into a catalogue, name one with --root DIR, or start one: image-builder new science NAME",
  });
