import { join, relative } from "node:path";
import type { ContextFile } from "../compose/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { filtersOf } from "../git/attributes.ts";
import { type BlobContent, extractBlobs } from "../git/extract.ts";
import type { IndexEntry } from "../git/index-entries.ts";
import type { Digest } from "../oci/digest.ts";
import { linkFile, modeOf, plainFile } from "./context-file.ts";
import type { ContextSource } from "./context-sources.ts";
import { type LargeFile, notFetched, readPointer } from "./large-files.ts";

/** A file whose content on disk is not what is to be built, or may not be. */
export interface Doubtful {
  /** Of the layer. */
  readonly directory: string;
  /** Inside the context. */
  readonly path: string;
  readonly source: ContextSource & { readonly entry: IndexEntry };
  /** Of the content on disk. */
  readonly digest: Digest | undefined;
  /** As on disk, where that is the blob: it looks like a pointer of git LFS. */
  readonly file?: ContextFile;
  /** The content on disk where that is the blob. */
  readonly start?: Buffer;
}

/** Where contents go that only git has; digests are all that is wanted where it is undefined. */
export type Scratch = (() => Promise<string>) | undefined;

/**
 * These files as git has them: what a checkout filter made of a blob is not built, but the blob, and in place of a pointer of git LFS
 * the file that it names; in the same order. At most two processes for each repository.
 */
export async function filesOfGit(
  root: string,
  doubtful: readonly Doubtful[],
  scratch: Scratch,
  problems: Diagnostic[],
): Promise<ContextFile[]> {
  const files = new Map<Doubtful, ContextFile>();
  for (const repository of new Set(doubtful.map(({ source }) => source.repository))) {
    const own = doubtful.filter(({ source }) => source.repository === repository);
    const found = await filesOfRepository(root, repository, own, scratch, problems);
    own.forEach((each, at) => files.set(each, found[at] as ContextFile));
  }
  return doubtful.map((each) => files.get(each) as ContextFile);
}

async function filesOfRepository(
  root: string,
  repository: string,
  doubtful: readonly Doubtful[],
  scratch: Scratch,
  problems: Diagnostic[],
): Promise<ContextFile[]> {
  const folder = join(root, repository);
  const other = doubtful.filter(({ file }) => file === undefined);
  const target = other.length > 0 ? await scratch?.() : undefined;
  const blobs = await extractBlobs(
    folder,
    other.map(({ source }) => source.entry.hash),
    target,
  );
  const pointers = new Map(
    doubtful.flatMap((each) => {
      const pointer = readPointer(each.start ?? blobs.get(each.source.entry.hash)?.start);
      return pointer === undefined ? [] : [[each, pointer] as const];
    }),
  );
  const within = ({ source: { entry } }: Doubtful): string => entry.path;
  const filters = await filtersOf(folder, [...pointers.keys()].map(within));
  return doubtful.map((each) => {
    const pointer = filters.get(within(each)) === "lfs" ? pointers.get(each) : undefined;
    if (pointer) return largeFile(each, pointer, scratch, problems);
    return each.file ?? fileOfBlob(root, each, blobs.get(each.source.entry.hash) as BlobContent, target);
  });
}

function largeFile(
  { path, source, digest }: Doubtful,
  pointer: LargeFile,
  scratch: Scratch,
  problems: Diagnostic[],
): ContextFile {
  if (digest !== pointer.digest && scratch !== undefined) problems.push(notFetched(source.path));
  return plainFile(path, source.path, modeOf(source.entry), pointer.size, pointer.digest);
}

function fileOfBlob(
  root: string,
  { path, source }: Doubtful,
  { digest, size, start }: BlobContent,
  folder: string | undefined,
): ContextFile {
  if (source.entry.kind === "symlink") return linkFile(path, source.path, start);
  const from = folder === undefined ? source.path : relative(root, join(folder, source.entry.hash));
  return plainFile(path, from, modeOf(source.entry), size, digest);
}
