import type { Accounts } from "../../../files/entry.ts";
import { AssembleError } from "./assemble-error.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Reads `USER`, `USER:GROUP`, each a name or a number, as BuildKit does for `--chown`. A number alone is also the group. */
export function parseOwner(text: string, accounts: Accounts): Owner {
  const [user = "", ...rest] = text.split(":");
  const group = rest.length === 0 ? undefined : rest.join(":");
  const found = findUser(user, accounts.passwd ?? "");
  if (group === undefined) return found;
  // A colon with nothing behind it names the group 0.
  if (group === "") return { uid: found.uid, gid: 0 };
  return { uid: found.uid, gid: numberOf(group) ?? findGroup(group, accounts.group ?? "") };
}

/** True when the owner cannot be known without the accounts of the image. */
export const namesAccounts = (text: string): boolean =>
  text.split(":").some((part) => part !== "" && numberOf(part) === undefined);

function findUser(user: string, passwd: string): Owner {
  const id = numberOf(user);
  if (id !== undefined) return { uid: id, gid: id };
  if (user === "") return { uid: 0, gid: 0 };
  const fields = findLine(passwd, user);
  const uid = numberOf(fields?.[2] ?? "");
  if (uid !== undefined) return { uid, gid: numberOf(fields?.[3] ?? "") ?? 0 };
  if (user === "root") return { uid: 0, gid: 0 };
  throw new AssembleError(`the image has no user "${user}" in /etc/passwd`, "name the user by its number");
}

function findGroup(group: string, text: string): number {
  const gid = numberOf(findLine(text, group)?.[2] ?? "");
  if (gid !== undefined) return gid;
  if (group === "root") return 0;
  throw new AssembleError(`the image has no group "${group}" in /etc/group`, "name the group by its number");
}

const findLine = (text: string, name: string): string[] | undefined =>
  text
    .split("\n")
    .map((line) => line.trim().split(":"))
    .find((fields) => fields[0] === name);

function numberOf(text: string): number | undefined {
  const number = /^\+?\d{1,10}$/.test(text) ? Number(text) : undefined;
  // The largest number means "as it is" to the system.
  return number === undefined || number >= 0xffff_ffff ? undefined : number;
}
