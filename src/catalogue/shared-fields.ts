/**
 * How a definition names a folder that layers share (B49): as stages are named, which stand in the same places. `scratch` is the empty
 * image, and `science` stands for the science image in a compat layer.
 */
export const sharedName = /^(?!(?:scratch|science)$)[a-z][a-z0-9._-]*$/;

/** From the root of the catalogue; no part of it is `.`, `..` or git's own folder, or has a backslash or a control character. */
export const sharedPath = /^(?:\.\/)?(?:(?!\.\.?(?:\/|$)|\.git(?:\/|$))[^/\\\p{Cc}]+(?:\/|$))+$/u;

/** What is wrong with a path, as the end of a sentence; undefined when nothing is. */
export function folderFault(path: string): string | undefined {
  if (sharedPath.test(path)) return undefined;
  const names = path.split("/");
  if (path.startsWith("/")) return `expected a path from the root of the catalogue, without a slash before it`;
  if (names.includes("..")) return "expected a folder of this repository: a clone does not have what lies outside";
  if (names.includes(".git")) return "expected a folder of what git has, and not git's own";
  if (/^(?:\.\/)*\.\/?$/.test(path)) return "expected a folder below the root, and not the whole repository";
  return 'expected a folder as seen from the root of the catalogue: "shared/scripts"';
}

/** Without what makes no difference, so that one folder has one path. */
export const cleanFolder = (path: string): string => path.replace(/^\.\//, "").replace(/\/$/, "");
