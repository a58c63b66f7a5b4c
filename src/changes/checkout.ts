import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { absentSubmodule } from "../catalogue/absent-submodules.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { blobHash } from "../git/blob-hash.ts";
import type { Difference, WorkingTree } from "../git/differences.ts";
import type { IndexEntry } from "../git/index-entries.ts";
import { encodePath, printablePath } from "../oci/path-bytes.ts";

/** What of the catalogue is as HEAD has it, and what is not; every path that the index has is in one of them. */
export interface Checkout {
  readonly committed: readonly IndexEntry[];
  readonly uncommitted: readonly Difference[];
}

/**
 * Holds the index against the working tree where git was told not to look. Throws `RefusedError` where files of HEAD are missing
 * without being deleted, as in a sparse checkout or a submodule that is not checked out (B40).
 */
export function inspectCheckout(root: string, entries: readonly IndexEntry[], tree: WorkingTree): Checkout {
  const told = new Set(tree.uncommitted.map(({ path }) => path));
  const hidden = entries.filter(({ unwatched, path }) => unwatched !== undefined && !told.has(path));
  const found = hidden.map((entry) => ({ entry, state: stateOf(root, entry) }));
  const sparse = found.filter(({ entry, state }) => entry.unwatched === "skip-worktree" && state === "deleted");
  const absent = entries.filter(({ kind, path }) => kind === "submodule" && !existsSync(onDisk(root, `${path}/.git`)));
  const problems = [
    ...entries.filter(({ kind, path }) => kind === "submodule" && /^(?:science|compat)$/.test(path)).map(notAFolder),
    ...absent.map(({ path }) => absentSubmodule(path)),
    ...(sparse.length > 0 ? [sparseCheckout(sparse.map(({ entry }) => entry.path))] : []),
  ];
  if (problems.length > 0) throw new RefusedError(problems);
  const differing = found.flatMap(({ entry, state }) => (state === "same" ? [] : [differenceOf(entry, state)]));
  const uncommitted = [...tree.uncommitted, ...differing];
  const changed = new Set(uncommitted.map(({ path }) => path));
  return { uncommitted, committed: entries.filter(({ path }) => !changed.has(path)) };
}

const differenceOf = ({ path, hash }: IndexEntry, status: "modified" | "deleted"): Difference => ({
  path,
  status,
  blob: hash,
});

/** By content alone: a filter such as autocrlf makes such a file look changed, which is the safe side. */
function stateOf(root: string, { path, hash, kind }: IndexEntry): "same" | "modified" | "deleted" {
  if (kind === "submodule") return "same";
  const file = onDisk(root, path);
  try {
    const stats = lstatSync(file);
    if (!stats.isFile() && !stats.isSymbolicLink()) return "modified";
    const content = stats.isFile() ? readFileSync(file) : readlinkSync(file, { encoding: "buffer" });
    return blobHash(content, hash) === hash ? "same" : "modified";
  } catch (cause) {
    return isMissing(cause) ? "deleted" : "modified";
  }
}

const isMissing = (cause: unknown): boolean => /^(ENOENT|ENOTDIR)$/.test((cause as NodeJS.ErrnoException).code ?? "");

const onDisk = (root: string, path: string): Buffer => encodePath(join(root, path));

const notAFolder = ({ path }: IndexEntry) =>
  error("linked-directory", `${path} is a submodule, and which of its layers changed would go unseen`, {
    at: { file: path, line: 1, column: 1 },
    help: `make its layers part of this repository, each a submodule of its own below ${path}/ if need be`,
  });

function sparseCheckout(paths: readonly string[]) {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more of the catalogue` : "";
  return error(
    "sparse-checkout",
    `${printablePath(paths[0] as string)}${more} ${more ? "are" : "is"} left out of this sparse checkout`,
    {
      notes: [{ message: "images would lack these files, and layers without them look as if they were deleted" }],
      help: "run git sparse-checkout disable, or git sparse-checkout add science compat; after git update-index --skip-worktree, --no-skip-worktree and git checkout",
    },
  );
}
