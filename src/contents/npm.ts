import { z } from "zod";
import type { PackageRecord } from "./model.ts";
import { jsonOf, optional } from "./values.ts";

/** The package of a `package.json`; undefined for one without name and version, which is no package that was installed. */
export function readNpm(text: string): PackageRecord | "broken" | undefined {
  const json = jsonOf(text);
  if (json === undefined) return "broken";
  const read = packageJson.safeParse(json);
  if (!read.success) return undefined;
  const { name, version, license, licenses } = read.data;
  return { name, version, ...optional("licence", licenceOf(license) ?? licenceOf(licenses)) };
}

/** Older packages have an object, or a list of them. */
function licenceOf(license: unknown): string | undefined {
  if (typeof license === "string") return license;
  if (Array.isArray(license)) return license.map(licenceOf).filter(Boolean).join(" OR ") || undefined;
  const type = (license as { type?: unknown } | null | undefined)?.type;
  return typeof type === "string" ? type : undefined;
}

const packageJson = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.unknown().optional(),
  licenses: z.unknown().optional(),
});
