import type { PackageRecord } from "./model.ts";
import { optional } from "./values.ts";

/**
 * The packages of Alpine's database of installed ones: one letter, a colon and a value on each line, an empty line behind each
 * package (https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2). `owned`: which files are remembered.
 */
export function readApk(
  text: string,
  owned: (path: string) => boolean,
): { packages: PackageRecord[]; problem?: string } {
  const packages: PackageRecord[] = [];
  let broken = 0;
  for (const record of text.split(/\n\s*\n/)) {
    if (record.trim() === "") continue;
    const found = packageOf(record.split("\n"), owned);
    if (found) packages.push(found);
    else broken += 1;
  }
  return { packages, ...(broken > 0 && { problem: `${broken} of its records have no name or version` }) };
}

function packageOf(lines: readonly string[], owned: (path: string) => boolean): PackageRecord | undefined {
  const fields = new Map<string, string>();
  const owns: string[] = [];
  let folder = "";
  for (const line of lines) {
    const [letter, value] = [line.slice(0, 2), line.slice(2)];
    if (letter === "F:") folder = value;
    else if (letter === "R:" && owned(`${folder}/${value}`)) owns.push(`${folder}/${value}`);
    else if (!fields.has(letter)) fields.set(letter, value);
  }
  const [name, version, size] = [fields.get("P:"), fields.get("V:"), Number(fields.get("I:"))];
  if (!name || !version) return undefined;
  const source = fields.get("o:");
  return {
    name,
    version,
    ...optional("architecture", fields.get("A:")),
    ...optional("source", source === name ? undefined : source),
    ...optional("licence", fields.get("L:")),
    ...(size > 0 && { size }),
    ...(owns.length > 0 && { owns }),
  };
}
