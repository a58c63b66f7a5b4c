import type { DeclaredUser } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { DeclaredSection } from "./model.ts";

/** Texts of `/etc/passwd` and `/etc/group`; undefined where the file is absent. */
export interface Accounts {
  readonly passwd?: string | undefined;
  readonly group?: string | undefined;
}

/** A directory to make, its missing parents being 0:0 and 0755. */
export interface OwnedDirectory {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** A directory that is there already is left as it is; otherwise it gets this owner and mode. */
  readonly onlyIfAbsent: boolean;
}

/**
 * What a section does to an image with these accounts: the rule that every engine follows, as files (0644, 0:0 where they
 * are new) or by the script of `declared-script.ts`. A uid that exists is kept with the name it has, as `id 1000 ||
 * useradd` does, and so is a gid. The password field is `*`: no entry in `/etc/shadow` is needed. Throws `FailedError`
 * where a name stands for another number.
 */
export function applyDeclared(
  section: DeclaredSection,
  before: Accounts,
): { readonly accounts: Accounts; readonly directories: readonly OwnedDirectory[] } {
  const accounts = section.user ? addUser(section.user, before) : before;
  const home = section.user ? [homeDirectory(section.user, accounts)] : [];
  const listed = section.directories.map(({ path, owner, mode }) => ({
    path,
    ...resolveOwner(owner, section.owner, accounts),
    mode: mode ?? 0o755,
    onlyIfAbsent: false,
  }));
  return { accounts, directories: [...home, ...listed] };
}

function addUser(user: DeclaredUser, accounts: Accounts): Accounts {
  if (lineWith(accounts.passwd, idField, String(user.uid))) return accounts;
  refuseOther("user", user.name, user.uid, lineWith(accounts.passwd, nameField, user.name));
  const line = `${user.name}:*:${user.uid}:${user.gid}::${user.home}:${user.shell}`;
  return { passwd: appendLine(accounts.passwd, line), group: addGroup(user, accounts.group) };
}

function addGroup(user: DeclaredUser, group: string | undefined): string | undefined {
  if (lineWith(group, idField, String(user.gid))) return group;
  refuseOther("group", user.group, user.gid, lineWith(group, nameField, user.group));
  return appendLine(group, `${user.group}:*:${user.gid}:`);
}

function refuseOther(what: string, name: string, id: number, line: readonly string[] | undefined): void {
  if (!line) return;
  const message = `the image has a ${what} "${name}" with number ${line[idField]}, and ${id} was declared`;
  throw new FailedError([error("account-conflict", message, { help: "declare another name or that number" })]);
}

const homeDirectory = (user: DeclaredUser, accounts: Accounts): OwnedDirectory => ({
  path: user.home,
  ...ownerOfUser(user, accounts),
  mode: 0o755,
  onlyIfAbsent: true,
});

/** A number alone is uid and gid, as with `COPY --chown`; a name has the group of its line. */
function resolveOwner(
  owner: string | undefined,
  fallback: DeclaredUser | undefined,
  accounts: Accounts,
): { uid: number; gid: number } {
  if (owner === undefined) return fallback ? ownerOfUser(fallback, accounts) : { uid: 0, gid: 0 };
  const numbers = /^(\d+)(?::(\d+))?$/.exec(owner);
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers[2] ?? numbers[1]) };
  const line = lineWith(accounts.passwd, nameField, owner);
  if (line) return { uid: Number(line[idField]), gid: Number(line[groupField]) };
  throw new FailedError([error("unknown-owner", `the image has no user "${owner}" to own a declared directory`)]);
}

/** The group is that of the line with the uid, which may be older than the declaration. */
function ownerOfUser(user: DeclaredUser, accounts: Accounts): { uid: number; gid: number } {
  const line = lineWith(accounts.passwd, idField, String(user.uid));
  return { uid: user.uid, gid: Number(line?.[groupField] ?? user.gid) };
}

const nameField = 0;
const idField = 2;
const groupField = 3;

const lineWith = (text: string | undefined, field: number, value: string): readonly string[] | undefined =>
  text
    ?.split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[field] === value);

const appendLine = (text: string | undefined, line: string): string =>
  `${text ?? ""}${text && !text.endsWith("\n") ? "\n" : ""}${line}\n`;
