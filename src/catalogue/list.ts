import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";

export const definitionName = "sciserver-image.json";
export const dockerfileName = "Dockerfile";
export const ignoreName = ".dockerignore";

/** A directory below `science/` or `compat/`, and what keeps it from being a layer. */
export interface LayerFolder {
  /** `science/nist-basic`. */
  readonly directory: string;
  readonly name: string;
  readonly hasDefinition: boolean;
  readonly hasDockerfile: boolean;
  readonly hasIgnore: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Every directory of `science/` or `compat/`, sorted by name. Files beside them, such as a README, and hidden directories are none. */
export function listLayers(root: string, kind: "science" | "compat"): LayerFolder[] {
  const entries = readEntries(join(root, kind)).filter((each) => !each.name.startsWith("."));
  const folders = entries.filter((each) => each.isDirectory() || each.isSymbolicLink());
  return folders.sort((a, b) => (a.name < b.name ? -1 : 1)).map((each) => inspect(root, kind, each));
}

function readEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

function inspect(root: string, kind: string, entry: Dirent): LayerFolder {
  const directory = `${kind}/${entry.name}`;
  if (entry.isSymbolicLink())
    return {
      directory,
      name: entry.name,
      hasDefinition: false,
      hasDockerfile: false,
      hasIgnore: false,
      diagnostics: [linkedDirectory(directory)],
    };
  const files = readEntries(join(root, directory));
  const isPlain = (name: string): boolean => files.some((each) => each.name === name && each.isFile());
  const [hasDefinition, hasDockerfile] = [isPlain(definitionName), isPlain(dockerfileName)];
  const missing = [definitionName, dockerfileName]
    .filter((each) => !isPlain(each))
    .map((each) => missingFile(directory, each, files));
  return {
    directory,
    name: entry.name,
    hasDefinition,
    hasDockerfile,
    hasIgnore: isPlain(ignoreName),
    diagnostics: missing,
  };
}

const start = { line: 1, column: 1 };

function missingFile(directory: string, name: string, files: readonly Dirent[]): Diagnostic {
  const code = name === definitionName ? "missing-definition" : "missing-dockerfile";
  const at = { file: `${directory}/${name}`, ...start };
  const there = files.find((each) => each.name === name);
  if (there !== undefined) {
    const message = `${directory}/${name} is ${there.isSymbolicLink() ? "a symbolic link" : "not a file"}; a plain file is expected, since changes behind it would go unseen`;
    return error(code, message, { at, help: "put the file itself there" });
  }
  const near = nearest(
    name,
    files.map((each) => each.name),
  );
  const help =
    near === undefined
      ? `add ${name}, or move the directory out of ${directory.split("/")[0]}/`
      : `rename ${directory}/${near} to ${name}`;
  return error(code, `${directory} has no ${name}`, { at, help });
}

const linkedDirectory = (directory: string): Diagnostic =>
  error("linked-directory", `${directory} is a symbolic link; every layer is a directory of its own`, {
    at: { file: directory, ...start },
    help: "copy the directory, or start from the other layer with FROM",
  });
