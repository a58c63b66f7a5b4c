import { resolve } from "node:path";
import type { ContextFile } from "../../../compose/model.ts";
import { MemoryTree } from "./memory-tree.ts";
import { fixedTime, folderNode, type Node, type Tree } from "./tree.ts";

/** A build context: everything belongs to root, as BuildKit has it. `root` is the folder that sources are relative to. */
export function contextTree(files: readonly ContextFile[], root: string): Tree {
  const tree = new MemoryTree();
  for (const file of files) tree.set(file.path, contextNode(file, root));
  return tree;
}

function contextNode(file: ContextFile, root: string): Node {
  const owned = { ...folderNode, mtime: fixedTime };
  if (file.type === "symlink") return { ...owned, type: "symlink", mode: 0o777, link: file.link ?? "" };
  if (file.type === "directory") return owned;
  const content = { kind: "disk", path: resolve(root, file.source), digest: file.digest } as const;
  return { ...owned, type: "file", mode: file.mode, size: file.size, content };
}
