import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** A folder with a Dockerfile, somewhere outside of the catalogue. */
export interface SourceFolder {
  /** Absolute. */
  readonly path: string;
  readonly dockerfile: string;
  /** Files and links below it, sorted; without the Dockerfile, and without what belongs to git. */
  readonly files: readonly SourceFile[];
}

interface SourceFile {
  /** Relative to the folder. */
  readonly path: string;
  /** Target of a link; absent for a file. */
  readonly link?: string;
}

const mostFiles = 20_000;
/** Bytes of a Dockerfile. */
const longest = 1024 * 1024;

/** Throws `RefusedError` for a folder that has no Dockerfile, or something that no repository can have. */
export function readSourceFolder(path: string): SourceFolder {
  const dockerfile = readDockerfile(path);
  const files: SourceFile[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(join(path, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (entry.name === ".git" || name === "Dockerfile") continue;
      if (entry.isDirectory()) waiting.push(name);
      else if (entry.isSymbolicLink()) files.push({ path: name, link: readlinkSync(join(path, name)) });
      else if (entry.isFile()) files.push({ path: name });
      else throw refused(`${join(path, name)} is neither a file nor a folder nor a link`, "take it out first");
      if (files.length > mostFiles)
        throw refused(
          `${path} has more than ${mostFiles} files`,
          "name the folder of one image, not that of the repository",
        );
    }
  }
  return { path, dockerfile, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function readDockerfile(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory())
    throw refused(`--from-directory names ${path}, which is no folder`, "name the folder of a Dockerfile");
  const file = join(path, "Dockerfile");
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found?.isFile() && found.size <= longest) return readFileSync(file, "utf8");
  const others = readdirSync(path).filter((name) => /dockerfile|containerfile/i.test(name));
  throw refused(
    `${path} has no Dockerfile`,
    others.length === 0
      ? "name the folder that a Dockerfile is in"
      : `it has ${others.slice(0, 5).join(", ")}: copy the folder, and call the one that counts Dockerfile`,
  );
}

const refused = (message: string, help: string): RefusedError =>
  new RefusedError([error("bad-directory", message, { help })]);
