import type { DeclaredUser } from "../catalogue/model.ts";
import { groupLine, passwdLine } from "./declared-user.ts";
import type { Declaration } from "./model.ts";

/**
 * The instructions that do in a container what `applyDeclared` describes. They need a shell, mkdir, chown and chmod, and
 * no useradd. `baseUser` is the `USER` that the base of the stage leaves, the empty text or undefined for root.
 */
export function declaredInstructions(section: Declaration, baseUser: string | undefined): string {
  const run = `RUN ${JSON.stringify(["/bin/sh", "-c", declaredScript(section)])}\n`;
  const user = section.runsAs ?? baseUser ?? "";
  return isRoot(user) ? run : `USER 0\n${run}USER ${user}\n`;
}

/** Exec form above, so that neither a SHELL of the stage nor the builder's own expansion reaches this text. */
export const declaredScript = ({ user, owner, directories }: Declaration): string =>
  [
    prelude,
    ...(user ? [addUser(user), `owner_of ${user.uid} ${user.gid}`, makeHome(user)] : []),
    ...directories.flatMap(({ path, owner: name, mode }) => [
      findOwner(name, owner),
      `mkdir -p ${quote(path)}`,
      `chown "$owner" ${quote(path)}`,
      `chmod ${(mode ?? 0o755).toString(8).padStart(4, "0")} ${quote(path)}`,
    ]),
  ].join("\n");

const isRoot = (user: string): boolean => /^(?:root|0|)(?::|$)/.test(user);

/** `look FILE NUMBER NAME` sets `by_number` and `by_name` to the first fitting line's number and group, joined by a colon. */
const prelude = `set -eu
umask 022
fail() { echo "image-builder: $1" >&2; exit 1; }
look() {
  by_number= by_name= open=
  if [ ! -e "$1" ]; then return 0; fi
  while IFS=: read -r name password number group rest || { [ -n "$name" ] && open=1; }; do
    if [ "$number" = "$2" ] && [ -z "$by_number" ]; then by_number=$number:$group; fi
    if [ "$name" = "$3" ] && [ -z "$by_name" ]; then by_name=$number:$group; fi
  done <"$1"
}
append() {
  mkdir -p /etc
  if [ -n "$open" ]; then echo >>"$1"; fi
  printf '%s\\n' "$2" >>"$1"
}
owner_of() {
  look /etc/passwd "$1" ''
  owner=\${by_number:-$1:$2}
}`;

const addUser = (user: DeclaredUser, { name, uid, gid, group } = user): string =>
  `look /etc/passwd ${uid} ${quote(name)}
if [ -z "$by_number" ]; then
  if [ -n "$by_name" ]; then fail ${quote(`the image has a user "${name}" with another number than ${uid}`)}; fi
  look /etc/group ${gid} ${quote(group)}
  if [ -z "$by_number" ]; then
    if [ -n "$by_name" ]; then fail ${quote(`the image has a group "${group}" with another number than ${gid}`)}; fi
    append /etc/group ${quote(groupLine(user))}
  fi
  look /etc/passwd ${uid} ${quote(name)}
  append /etc/passwd ${quote(passwdLine(user))}
fi`;

const makeHome = ({ home }: DeclaredUser): string =>
  `if [ ! -e ${quote(home)} ]; then mkdir -p ${quote(home)}; chown "$owner" ${quote(home)}; chmod 0755 ${quote(home)}; fi`;

function findOwner(name: string | undefined, fallback: DeclaredUser | undefined): string {
  if (name === undefined) return fallback ? `owner_of ${fallback.uid} ${fallback.gid}` : "owner=0:0";
  const [user = "", group] = name.split(":");
  const ids = [
    /^\d+$/.test(user) ? `owner=${user}:${user}` : lookUp("user", "/etc/passwd", user, "$by_name"),
    ...(group === undefined ? [] : [groupOf(group)]),
  ];
  return ids.join("\n");
}

const groupOf = (group: string): string =>
  /^\d+$/.test(group)
    ? `owner=\${owner%%:*}:${group}`
    : lookUp("group", "/etc/group", group, "${owner%%:*}:${by_name%%:*}");

const lookUp = (what: string, file: string, name: string, owner: string): string =>
  `look ${file} '' ${quote(name)}
if [ -z "$by_name" ]; then fail ${quote(`the image has no ${what} "${name}" to own a declared directory`)}; fi
owner=${owner}`;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
