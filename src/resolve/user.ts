import { textAt } from "../contents/facts.ts";
import type { ImageFacts } from "../contents/model.ts";
import type { FileEntry } from "../files/entry.ts";

/** Who a container runs as. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** `right`: 4 to read, 1 to execute a file or to pass a folder. */
  may(entry: FileEntry, right: 4 | 1): boolean;
}

/** `USER` of an image, by its `/etc/passwd` and `/etc/group`; who is not in there has the root for a home. */
export function userOf(user: string, facts: ImageFacts): User {
  const [wanted = "", wantedGroup] = user.split(":");
  const rows = (path: string): string[][] => (textAt(facts, path) ?? "").split("\n").map((line) => line.split(":"));
  const [users, groups] = [rows("etc/passwd"), rows("etc/group")];
  const named = wanted === "" ? "0" : wanted;
  const found = users.find(([name]) => name === named) ?? users.find((fields) => fields[2] === named);
  const uid = Number(found?.[2] ?? (/^\d+$/.test(named) ? named : named === "root" ? 0 : 65534));
  const name = found?.[0] ?? named;
  const group = groups.find(([each]) => each === wantedGroup)?.[2] ?? wantedGroup ?? found?.[3] ?? "0";
  const others = groups.filter((fields) => fields[3]?.split(",").includes(name)).map((fields) => Number(fields[2]));
  const gids = new Set([Number(group), ...(wantedGroup === undefined ? others : [])]);
  return {
    name,
    uid,
    home: found?.[5] || (uid === 0 ? "/root" : "/"),
    may(entry, right) {
      if (uid === 0) return right === 4 || entry.type === "directory" || (entry.mode & 0o111) !== 0;
      const shift = entry.uid === uid ? 6 : gids.has(entry.gid) ? 3 : 0;
      return ((entry.mode >> shift) & right) !== 0;
    },
  };
}
