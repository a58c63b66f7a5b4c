import { error } from "../diagnostics/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";
import { printablePath } from "../oci/path-bytes.ts";

/** What git has in place of a file that git LFS keeps. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer */
export interface LargeFile {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Undefined for what is no pointer. Whether git LFS is meant is for `.gitattributes` to say. */
export function readPointer(content: Buffer | undefined): LargeFile | undefined {
  if (content === undefined || content.length >= longestPointer) return undefined;
  const text = content.toString("latin1");
  const [, oid] = /^oid sha256:([0-9a-f]{64})\r?$/m.exec(text) ?? [];
  const [, size] = /^size (\d+)\r?$/m.exec(text) ?? [];
  if (!text.startsWith("version https://git-lfs.github.com/spec/") || oid === undefined || size === undefined)
    return undefined;
  return { digest: `sha256:${oid}` as Digest, size: Number(size) };
}

/** Bytes; the specification wants less. */
const longestPointer = 1024;

export const notFetched = (path: string) =>
  error("large-file-not-fetched", `git LFS keeps ${printablePath(path)}, and what lies there is not its content`, {
    help: "run git lfs pull (in CI: lfs: true on GitHub; GitLab fetches them where git-lfs is installed)",
  });
