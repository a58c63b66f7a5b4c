import { brokenField, highestId } from "../catalogue/account-fields.ts";
import type { DeclaredUser } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Accounts } from "../files/entry.ts";
import type { Declaration } from "./model.ts";

/** A directory to make, its missing parents being 0:0 and 0755. */
interface OwnedDirectory {
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
  section: Declaration,
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
  return { passwd: appendLine(accounts.passwd, passwdLine(user)), group: addGroup(user, accounts.group) };
}

/** The user's line of `/etc/passwd`, without line end. Throws `FailedError` where a field would be more than a field. */
export function passwdLine(user: DeclaredUser): string {
  refuseBroken(user);
  return `${user.name}:*:${user.uid}:${user.gid}::${user.home}:${user.shell}`;
}

/** The same for the user's group in `/etc/group`. */
export function groupLine(user: DeclaredUser): string {
  refuseBroken(user);
  return `${user.group}:*:${user.gid}:`;
}

/** `check` finds it with its place; this is for values that came another way. */
function refuseBroken(user: DeclaredUser): void {
  const field = brokenField(user);
  if (field === undefined) return;
  const message = `the ${field} of a declared user is ${JSON.stringify(user[field as keyof DeclaredUser])}, which does not fit a line of /etc/passwd or /etc/group`;
  throw new FailedError([error("account-field", message, { help: "image-builder check says where it stands" })]);
}

function addGroup(user: DeclaredUser, group: string | undefined): string | undefined {
  if (lineWith(group, idField, String(user.gid))) return group;
  refuseOther("group", user.group, user.gid, lineWith(group, nameField, user.group));
  return appendLine(group, groupLine(user));
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

/** A number alone is uid and gid, as with `COPY --chown`; a name alone has the group of its line. */
function resolveOwner(
  owner: string | undefined,
  fallback: DeclaredUser | undefined,
  accounts: Accounts,
): { uid: number; gid: number } {
  if (owner === undefined) return fallback ? ownerOfUser(fallback, accounts) : { uid: 0, gid: 0 };
  const [user = "", group] = owner.split(":");
  const line = isNumber(user) ? undefined : knownLine("user", user, accounts.passwd);
  const uid = idOf(line?.[idField] ?? user, owner);
  if (group === undefined) return { uid, gid: line ? idOf(line[groupField], owner) : uid };
  return { uid, gid: idOf(isNumber(group) ? group : knownLine("group", group, accounts.group)[idField], owner) };
}

function knownLine(what: string, name: string, text: string | undefined): readonly string[] {
  const line = lineWith(text, nameField, name);
  if (line) return line;
  throw new FailedError([error("unknown-owner", `the image has no ${what} "${name}" to own a declared directory`)]);
}

/** The image's own files are nobody's promise: what stands there may be no number. */
function idOf(text: string | undefined, owner: string): number {
  if (text !== undefined && isNumber(text) && Number(text) <= highestId) return Number(text);
  throw new FailedError([
    error("unknown-owner", `the account files of the image give no number for "${owner}", which is to own a directory`),
  ]);
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** The group is that of the line with the uid, which may be older than the declaration. */
function ownerOfUser(user: DeclaredUser, accounts: Accounts): { uid: number; gid: number } {
  const line = lineWith(accounts.passwd, idField, String(user.uid));
  return { uid: user.uid, gid: line ? idOf(line[groupField], user.name) : user.gid };
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
