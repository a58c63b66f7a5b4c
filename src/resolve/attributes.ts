import { type FileEntry, parentPath } from "../files/entry.ts";
import { accounts } from "./bookkeeping.ts";
import { type ChangedPaths, capabilityOf } from "./changed-paths.ts";
import type { AttributeDifference } from "./model.ts";

type Kind = AttributeDifference["kind"];

/** What became of owners and modes, in one line a kind. A link has no mode. */
export function compareAttributes({ attributes, privileged }: ChangedPaths): AttributeDifference[] {
  const found = new Map<Kind, FileEntry[]>(kinds.map((kind) => [kind, []]));
  for (const { before, after } of attributes)
    if (before && after) for (const kind of kindsOf(before, after)) found.get(kind)?.push(after);
  for (const after of privileged) for (const kind of rightsOf(undefined, after)) found.get(kind)?.push(after);
  return kinds.flatMap((kind) => {
    const entries = found.get(kind) ?? [];
    const [first] = entries;
    return first ? [{ kind, count: entries.length, path: `/${commonPath(entries)}`, layer: first.layer }] : [];
  });
}

const kinds: readonly Kind[] = ["ownership", "mode", "setuid", "setgid", "capabilities"];

function kindsOf(before: FileEntry, after: FileEntry): Kind[] {
  const rights = rightsOf(before.type === "file" ? before : undefined, after);
  if (before.type !== after.type) return rights;
  const gained = (rights.includes("setuid") ? 0o4000 : 0) | (rights.includes("setgid") ? 0o2000 : 0);
  const isCopy = isAccountCopy(before, after);
  const hasOtherMode = !isCopy && after.type !== "symlink" && (after.mode & ~gained) !== (before.mode & ~gained);
  const hasOtherOwner = before.uid !== after.uid || before.gid !== after.gid;
  return [...(hasOtherOwner ? (["ownership"] as const) : []), ...(hasOtherMode ? (["mode"] as const) : []), ...rights];
}

/** `useradd` gives the copies of the lists of accounts other modes, each no wider than it is for what everybody may read. */
const isAccountCopy = ({ mode: before }: FileEntry, { path, mode: after }: FileEntry): boolean =>
  accounts.test(path) &&
  ((after & ~before) === 0 || (/^etc\/(?:passwd-|group-|sub[ug]id-?)$/.test(path) && (after & ~0o644) === 0));

/** What a program gets that it had not. A folder's setgid passes its group on, and gives nobody anything. */
function rightsOf(before: FileEntry | undefined, after: FileEntry): Kind[] {
  if (after.type !== "file") return [];
  const gains = (bit: number): boolean => (after.mode & bit) !== 0 && ((before?.mode ?? 0) & bit) === 0;
  const hasMore = capabilityOf(after) !== undefined && capabilityOf(after) !== capabilityOf(before);
  return [
    ...(gains(0o4000) ? (["setuid"] as const) : []),
    ...(gains(0o2000) ? (["setgid"] as const) : []),
    ...(hasMore ? (["capabilities"] as const) : []),
  ];
}

/** The path of one; of several the folder that they are all in, which may be one of them. */
function commonPath(entries: readonly FileEntry[]): string {
  let common = entries[0]?.path ?? "";
  for (const { path } of entries)
    while (common !== "" && path !== common && !path.startsWith(`${common}/`)) common = parentPath(common);
  return common;
}
