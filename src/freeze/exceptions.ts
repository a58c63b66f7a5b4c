import type { ExceptionKind, Exceptions } from "../catalogue/freeze.ts";
import type { Comparison, DifferenceKind } from "../resolve/model.ts";

const ofNames: Readonly<Record<DifferenceKind, ExceptionKind>> = {
  module: "python",
  "r package": "r",
  command: "command",
  library: "library",
  interpreter: "interpreter",
  preload: "preload",
  code: "code",
  door: "door",
  deb: "deb",
  rpm: "rpm",
  apk: "apk",
};

/** What `mayChange` calls something that names a file or package. */
export const nameKey = (kind: DifferenceKind, name: string): string => `${ofNames[kind]}:${name}`;

/** What it calls a file, or all files below a folder. */
export const pathKey = (kind: "file" | Comparison["attributes"][number]["kind"], path: string): string =>
  `${kind}:${path}`;

/** The reason why something may be otherwise; undefined where none is given. A folder stands for what is in it. */
export function exceptionFor(key: string, exceptions: Exceptions): string | undefined {
  if (Object.hasOwn(exceptions, key)) return exceptions[key];
  const isPath = key.includes(":/");
  return Object.entries(exceptions).find(([each]) =>
    each.endsWith("*") ? key.startsWith(each.slice(0, -1)) : isPath && key.startsWith(`${each.replace(/\/$/, "")}/`),
  )?.[1];
}
