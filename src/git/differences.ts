import { decodePath } from "../oci/path-bytes.ts";
import { gitOrFail, splitNul } from "./process.ts";

/** One path that differs, as git tells it. */
export interface Difference {
  /** Relative to the catalogue's root. */
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
  /** It is or was a submodule. */
  readonly submodule?: true;
  /** Hash of the content before; undefined for an added file. */
  readonly blob?: string;
}

/** What a catalogue consists of; beside the folders that its layers share, nothing else in a repository can change an image. */
export const catalogueFiles: readonly string[] = ["science", "compat", "image-builder.json"];

/** Everything that differs between two commits, by one process (B12). Renames are a deletion and an addition. */
export async function differencesBetween(
  root: string,
  from: string,
  to: string,
  paths: readonly string[] = catalogueFiles,
): Promise<Difference[]> {
  const args = [
    "--literal-pathspecs",
    "diff-tree",
    "-r",
    "-z",
    "--raw",
    "--no-renames",
    "--no-abbrev",
    "--no-ext-diff",
    "--ignore-submodules=none",
    "--relative",
    from,
    to,
    "--",
    ...paths,
  ];
  const pieces = splitNul(await gitOrFail(root, args));
  return pairs(pieces).map(([head, path]) => difference(head, decodePath(path)));
}

function pairs(pieces: readonly Buffer[]): [string, Buffer][] {
  return pieces.flatMap((piece, at) => {
    const path = pieces[at + 1];
    return at % 2 === 0 && path !== undefined ? [[piece.toString("latin1"), path] as [string, Buffer]] : [];
  });
}

/** `:100644 100755 {hash} {hash} M`, at the end of what is given. */
export function difference(head: string, path: string): Difference {
  const [before = "", after = "", blob = "", , letter = "M"] = head.slice(head.lastIndexOf(":") + 1).split(" ");
  return { path, ...isSubmodule(before, after), ...withBlob(statusOf(letter), blob) };
}

const isSubmodule = (...modes: string[]): Pick<Difference, "submodule"> =>
  modes.includes("160000") ? { submodule: true } : {};

const statusOf = (letter: string): Difference["status"] =>
  letter.startsWith("A") ? "added" : letter.startsWith("D") ? "deleted" : "modified";

const withBlob = (status: Difference["status"], blob: string): Pick<Difference, "status" | "blob"> =>
  status === "added" ? { status } : { status, blob };

/** The working tree against HEAD. */
export interface WorkingTree {
  readonly uncommitted: readonly Difference[];
  /** Not tracked; folders end in "/" unless every file was asked for. */
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * One `git status` over these paths of a folder. With `everyFile` untracked folders are listed file by file. A submodule differs
 * when its commit or a file that it tracks does, whatever `.gitmodules` and the settings say of it.
 */
export async function askStatus(
  folder: string,
  everyFile: boolean,
  paths: readonly string[] = catalogueFiles,
): Promise<readonly Buffer[]> {
  const untracked = `--untracked-files=${everyFile ? "all" : "normal"}`;
  const form = [
    "--porcelain=v2",
    "-z",
    "--no-renames",
    untracked,
    "--ignored=matching",
    "--ignore-submodules=untracked",
  ];
  return splitNul(await gitOrFail(folder, ["--literal-pathspecs", "status", ...form, "--", ...paths]));
}

/** Reads what `askStatus` was told; git tells paths from the repository's root, `prefix` is the catalogue's below it. */
export function readStatus(pieces: readonly Buffer[], prefix: string): WorkingTree {
  const result = { uncommitted: [] as Difference[], untracked: [] as string[], ignored: [] as string[] };
  for (const piece of pieces) {
    const kind = String.fromCharCode(piece[0] ?? 0);
    if (kind === "?") result.untracked.push(pathOf(piece.subarray(2), prefix));
    else if (kind === "!") result.ignored.push(pathOf(piece.subarray(2), prefix));
    else if (kind === "1" || kind === "u") result.uncommitted.push(changedEntry(piece, kind, prefix));
  }
  return result;
}

/** `1 XY sub mH mI mW hH hI path` and, for a conflict, `u XY sub m1 m2 m3 mW h1 h2 h3 path`. */
function changedEntry(piece: Buffer, kind: "1" | "u", prefix: string): Difference {
  const fields = kind === "1" ? 8 : 10;
  let at = 0;
  const heads = Array.from({ length: fields }, () => {
    const end = piece.indexOf(0x20, at);
    const text = piece.subarray(at, end).toString("latin1");
    at = end + 1;
    return text;
  });
  const [, states = "..", , headMode = "", indexMode = "", workMode = "", blob = ""] = heads;
  const gone = states[1] === "D" || (states[0] === "D" && states[1] === ".") || (kind === "1" && workMode === "000000");
  const status = kind === "u" ? "modified" : gone ? "deleted" : headMode === "000000" ? "added" : "modified";
  const known = kind === "1" && headMode !== "000000";
  return {
    path: pathOf(piece.subarray(at), prefix),
    status,
    ...isSubmodule(headMode, indexMode, workMode),
    ...(known && { blob }),
  };
}

/** Status tells paths from the repository's root. */
function pathOf(bytes: Buffer, prefix: string): string {
  const path = decodePath(bytes);
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
