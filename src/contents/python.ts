import type { PackageRecord } from "./model.ts";
import { jsonOf, optional, withoutLogin } from "./values.ts";

/**
 * The package of a `METADATA` or `PKG-INFO`
 * (https://packaging.python.org/en/latest/specifications/core-metadata/); undefined without name and version.
 */
export function readPythonMetadata(text: string): PackageRecord | undefined {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const head = text.slice(0, end);
  const value = (key: string): string | undefined =>
    new RegExp(`^${key}:[ \\t]*([^\\r\\n]*)`, "im").exec(head)?.[1]?.trim() || undefined;
  const [name, version] = [value("Name"), value("Version")];
  if (name === undefined || version === undefined) return undefined;
  return { name, version, ...optional("licence", licenceOf(value, head)) };
}

/** The expression, else what the classifiers say, else the free text, which some fill with a whole licence. */
function licenceOf(value: (key: string) => string | undefined, head: string): string | undefined {
  const classifiers = [...head.matchAll(/^Classifier:[ \t]*License :: ([^\r\n]*)/gim)].map(([, path = ""]) =>
    path.replace(/^OSI Approved :: /, "").trim(),
  );
  const text = value("License");
  const free = text === undefined || text === "UNKNOWN" || text.length > 200 ? undefined : text;
  return value("License-Expression") ?? free ?? (classifiers.join(", ") || undefined);
}

/** Bytes of the files that a `RECORD` lists: the last column. */
export const recordSize = (text: string): number =>
  [...text.matchAll(/,(\d{1,15})\r?$/gm)].reduce((sum, [, size = "0"]) => sum + Number(size), 0);

/** Where a package came from that was installed from no index (`direct_url.json`). */
export function directUrl(text: string): string | undefined {
  const url = (jsonOf(text) as { url?: unknown } | null | undefined)?.url;
  return typeof url === "string" ? withoutLogin(url) : undefined;
}
