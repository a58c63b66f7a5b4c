import type { PackageRecord } from "./model.ts";
import { optional } from "./values.ts";

/**
 * The packages that are there by a dpkg database (`status`, or one file of `status.d`): all but those that are not installed or of
 * which only configuration files are left, as `dpkg-query -W` shows with the states of deb-states in dpkg-query(1).
 * `problem` says what of it has no name, version or state.
 */
export function readDpkgStatus(text: string): { packages: PackageRecord[]; problem?: string } {
  const packages: PackageRecord[] = [];
  let broken = 0;
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    const fields = readFields(stanza);
    if (fields.size === 0) continue;
    const found = packageOf(fields);
    if (found === "broken") broken += 1;
    else if (found) packages.push(found);
  }
  return { packages, ...(broken > 0 && { problem: `${broken} of its records have no name, version or state` }) };
}

/** Undefined for one that is not there. A file of `status.d`, which distroless images have, states no state. */
function packageOf(fields: ReadonlyMap<string, string>): PackageRecord | "broken" | undefined {
  const [name, version] = [fields.get("package"), fields.get("version")];
  const state = fields.get("status")?.split(/\s+/)[2];
  if (state === "not-installed" || state === "config-files") return undefined;
  if (!name || !version || (fields.has("status") && state === undefined)) return "broken";
  const size = Number(fields.get("installed-size"));
  return {
    name,
    version,
    ...optional("architecture", fields.get("architecture")),
    ...optional("origin", fields.get("origin")),
    ...optional("source", fields.get("source")?.split(" ")[0]),
    ...(size > 0 && { size: size * 1024 }),
    ...(state !== undefined && state !== "installed" && { state }),
  };
}

/** Fields of deb822 by their names in lower case; lines that continue a field are left out. */
function readFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0 && line[0] !== " " && line[0] !== "\t" && line[0] !== "#")
      fields.set(line.slice(0, at).toLowerCase(), line.slice(at + 1).trim());
  }
  return fields;
}

/**
 * The licences that a machine-readable copyright file names, sorted; undefined for a file of another form:
 * https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 */
export function readCopyright(text: string): string | undefined {
  if (!/^Format(?:-Specification)?:/im.test(text.slice(0, 4096))) return undefined;
  const names = new Set([...text.matchAll(/^License:[ \t]*(\S[^\n]*)$/gim)].map(([, name = ""]) => name.trim()));
  return names.size === 0 ? undefined : [...names].sort().join(", ").slice(0, 2000);
}
