import { joinPath, parentPath } from "../../../files/entry.ts";
import { tarLimits } from "../../../oci/tar-limits.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import type { Tree } from "./tree.ts";

const maxLinks = 255;
/** With what the links on the way say; the system takes no path with half as many. */
const maxNames = 4096;

/**
 * Where a path leads when every symbolic link on it is followed, the last one too; nothing leads out of the root, above
 * which `..` is the root itself, or is refused. What is not there is taken as it is written.
 */
export function resolvePath(tree: Tree, path: string, above: "stay" | "refuse" = "stay"): string {
  const left = path.split("/").reverse();
  let at = "";
  let links = 0;
  let names = 0;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if ((names += 1) > maxNames || at.length > tarLimits.path)
      throw new AssembleError(`"/${path.slice(0, 80)}" leads through more names than a path can have`);
    if (name === "" || name === ".") continue;
    if (name === ".." && at === "" && above === "refuse")
      throw new AssembleError(`"/${path}" leads out of the place that it is in`);
    const next = name === ".." ? parentPath(at) : joinPath(at, name);
    const node = name === ".." ? undefined : tree.get(next);
    if (node?.type !== "symlink") {
      at = next;
      continue;
    }
    if ((links += 1) > maxLinks)
      throw new AssembleError(`"/${path}" goes through more than ${maxLinks} symbolic links`);
    if (node.link?.startsWith("/")) at = "";
    left.push(...(node.link ?? "").split("/").reverse());
  }
  return at;
}

/** The same, but the last name is kept as it is. */
export function resolveParent(tree: Tree, path: string): string {
  const clean = cleanPath(path);
  return clean === "" ? "" : joinPath(resolvePath(tree, parentPath(clean)), clean.slice(clean.lastIndexOf("/") + 1));
}

/** Names joined by single slashes, `.` and `..` worked out, never above the root. */
export function cleanPath(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}
