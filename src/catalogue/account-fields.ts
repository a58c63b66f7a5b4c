import type { DeclaredUser } from "./model.ts";

/**
 * What a field of a line of `/etc/passwd` or `/etc/group` (passwd(5), group(5)) may hold. A colon ends a field and a line end
 * ends the entry, so that either would let a definition write users of its own, root among them.
 */
export const accountPath = /^\/[^:\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;
export const accountName = /^[a-z_][a-z0-9_-]{0,31}$/;
/** Name or number, and a group behind a colon. */
export const accountOwner = /^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10})(?::(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10}))?$/;

/** The highest uid and gid; the one above stands for "none" in chown(2). */
export const highestId = 4_294_967_294;
/** PATH_MAX and NAME_MAX of Linux, in bytes of UTF-8. */
const longestPath = 4095;
const longestName = 255;

/** What is wrong with a path, as the end of a sentence; undefined when nothing is. */
export function pathFault(path: string): string | undefined {
  if (!path.startsWith("/")) return "expected an absolute path";
  if (!accountPath.test(path)) return "expected a path without colons, line ends and other control characters";
  const names = path.split("/");
  if (names.some((name) => name === "." || name === "..")) return 'expected a path without "." and ".."';
  if (Buffer.byteLength(path) > longestPath || names.some((name) => Buffer.byteLength(name) > longestName))
    return `expected at most ${longestPath} bytes, and at most ${longestName} for each name`;
  return undefined;
}

/** The numbers of an owner that names some, each within what a file system takes. */
export const ownerIsInRange = (owner: string): boolean =>
  owner.split(":").every((each) => !/^\d+$/.test(each) || Number(each) <= highestId);

/** The first field of a user that would not stay one field of one line; undefined when each does. */
export const brokenField = ({ name, group, home, shell, uid, gid }: DeclaredUser): string | undefined =>
  Object.entries({
    name: accountName.test(name),
    group: accountName.test(group),
    home: pathFault(home) === undefined,
    shell: pathFault(shell) === undefined,
    uid: isId(uid),
    gid: isId(gid),
  }).find(([, good]) => !good)?.[0];

const isId = (id: number): boolean => Number.isInteger(id) && id >= 0 && id <= highestId;
