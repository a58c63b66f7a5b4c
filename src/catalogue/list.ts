import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";

export const definitionName = "sciserver-image.json";
export const dockerfileName = "Dockerfile";
/** As BuildKit looks for them: the one that is named after the Dockerfile counts alone, where there is one. */
export const ignoreNames: readonly string[] = [`${dockerfileName}.dockerignore`, ".dockerignore"];
/** The files that say how to build. They are not part of what is built: a comment in them cannot change a layer. */
export const recipeNames: ReadonlySet<string> = new Set([definitionName, dockerfileName, ...ignoreNames]);

/** Whether a file of a layer's directory may be the list of its variants. */
export const mayListVariants = (path: string): boolean => /^[^/]+\.json$/.test(path);

/** A directory below `science/` or `compat/`. */
export interface LayerFolder {
  /** `science/nist-basic`. */
  readonly directory: string;
  readonly name: string;
  /** A link is listed and refused: what it points to could change unseen. */
  readonly isLink: boolean;
}

/** Every directory of `science/` or `compat/`, sorted by name. Files beside them, such as a README, and hidden directories are none. */
export function listLayers(root: string, kind: "science" | "compat"): LayerFolder[] {
  const entries = readEntries(join(root, kind)).filter((each) => !each.name.startsWith("."));
  return entries
    .filter((each) => each.isDirectory() || each.isSymbolicLink())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((each) => ({ directory: `${kind}/${each.name}`, name: each.name, isLink: each.isSymbolicLink() }));
}

function readEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    if (/^(ENOENT|ENOTDIR|ELOOP)$/.test((cause as NodeJS.ErrnoException).code ?? "")) return [];
    throw cause;
  }
}

/** `science` and `compat` where they are something else than folders: git would see a change of the link alone. */
export const misplacedFolders = (root: string): Diagnostic[] =>
  ["science", "compat"].flatMap((name) => {
    const stats = lstatSync(join(root, name), { throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return [];
    const is = stats.isSymbolicLink() ? "a symbolic link, and changes behind it would go unseen" : "no folder";
    const at = { file: name, ...start };
    return [error("linked-directory", `${name} is ${is}`, { at, help: "put the folder itself there" })];
  });

const start = { line: 1, column: 1 };

/** Says that a layer lacks one of its two files, and whether another looks as if it were meant. */
export function missingFile(root: string, directory: string, name: string): Diagnostic {
  const code = name === definitionName ? "missing-definition" : "missing-dockerfile";
  const at = { file: `${directory}/${name}`, ...start };
  const names = readEntries(join(root, directory)).map((each) => each.name);
  const near = nearest(name, names);
  const kind = directory.split("/")[0];
  const help =
    near === undefined
      ? `add ${name}, or move the directory out of ${kind}/`
      : `rename ${directory}/${near} to ${name}`;
  return error(code, `${directory} has no ${name}`, { at, help });
}

export const linkedDirectory = (directory: string): Diagnostic =>
  error("linked-directory", `${directory} is a symbolic link; every layer is a directory of its own`, {
    at: { file: directory, ...start },
    help: "copy the directory, or start from the other layer with FROM",
  });
