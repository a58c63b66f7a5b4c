import type { PackageRecord } from "./model.ts";
import { optional } from "./values.ts";

/**
 * The package of a Julia `Project.toml` (https://pkgdocs.julialang.org/v1/toml-files/): its keys stand before the first table.
 * Packages of the standard library may have no version of their own but that of the folder.
 */
export function readJulia(text: string, path: string): PackageRecord | undefined {
  const top = text.split(/^\s*\[/m, 1)[0] ?? "";
  const value = (key: string): string | undefined =>
    new RegExp(`^\\s*${key}\\s*=\\s*["']([^"'\\n]*)["']`, "m").exec(top)?.[1];
  const name = value("name");
  if (!name || value("uuid") === undefined) return undefined;
  return {
    name,
    version: value("version") ?? /\/stdlib\/v([\d.]+)\//.exec(path)?.[1] ?? "",
    ...optional("licence", value("license")),
  };
}
