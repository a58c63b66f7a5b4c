import { type FileEntry, joinPath, parentPath } from "../files/entry.ts";
import type { FileIndex } from "../files/index.ts";

/**
 * What a path in an image leads to, symbolic links followed as the kernel does, in the root of the image; undefined where nothing is
 * or the links run in a circle.
 */
export function follow(index: FileIndex, path: string): FileEntry | undefined {
  const left = path.split("/");
  let at = index.get("");
  for (let links = 0; left.length > 0; ) {
    const name = left.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (at?.type !== "directory") return undefined;
    const next = index.get(name === ".." ? parentPath(at.path) : joinPath(at.path, name));
    if (next?.type !== "symlink") {
      at = next;
      continue;
    }
    if ((links += 1) > 40) return undefined;
    const target = next.link ?? "";
    if (target.startsWith("/")) at = index.get("");
    left.unshift(...target.split("/"));
  }
  return at;
}
