import { gunzipSync } from "node:zlib";
import type { PackageRecord } from "./model.ts";
import { isNamed, type RValue, readRds } from "./rds.ts";
import { optional } from "./values.ts";

/**
 * The package of a `Meta/package.rds`, which is what R itself reads of an installed package. Throws for what cannot be read.
 * R writes it with gzip; `saveRDS` can also write it plainly.
 */
export function readRPackage(bytes: Buffer, limit: number): PackageRecord {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: limit }) : bytes;
  const description = field(readRds(plain), "DESCRIPTION");
  const text = (key: string): string | undefined => {
    const value = field(description, key);
    return typeof value === "string" ? value : undefined;
  };
  const [name, version] = [text("Package"), text("Version")];
  if (!name || !version) throw new Error("it names no package and version");
  return {
    name,
    version,
    ...optional("architecture", text("Archs") ?? platformOf(text("Built"))),
    ...optional("origin", text("Repository") ?? text("RemoteType") ?? text("Priority")),
    ...optional("licence", text("License")),
  };
}

function field(value: RValue | undefined, key: string): RValue | undefined {
  if (!isNamed(value)) return undefined;
  const at = value.names.indexOf(key);
  return at === -1 ? undefined : value.values[at];
}

/** `R 4.2.2; x86_64-pc-linux-gnu; 2022-11-10; unix`; empty in packages without compiled code. */
const platformOf = (built: string | undefined): string | undefined => built?.split(";")[1]?.trim().split("-")[0];
