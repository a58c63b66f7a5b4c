import { z } from "zod";
import type { PackageRecord } from "./model.ts";
import { jsonOf, optional, withoutLogin } from "./values.ts";

/** The package of one file of a `conda-meta` folder, which lies in the environment `prefix`. Undefined when it is not one. */
export function readConda(text: string, prefix: string, owned: (path: string) => boolean): PackageRecord | undefined {
  const read = condaMeta.safeParse(jsonOf(text));
  if (!read.success) return undefined;
  const { name, version, subdir, channel, license, files, paths_data: paths } = read.data;
  const owns = (files ?? []).map((file) => (prefix === "" ? file : `${prefix}/${file}`)).filter(owned);
  const size = (paths?.paths ?? []).reduce((sum, { size_in_bytes: bytes }) => sum + (bytes ?? 0), 0);
  return {
    name,
    version,
    ...optional("architecture", subdir),
    ...optional("origin", channel && withoutLogin(channel)),
    ...optional("licence", license ?? undefined),
    ...(size > 0 && { size }),
    ...(owns.length > 0 && { owns }),
  };
}

const condaMeta = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  subdir: z.string().optional(),
  channel: z.string().optional(),
  license: z.string().nullish(),
  files: z.array(z.string()).optional(),
  paths_data: z.looseObject({ paths: z.array(z.looseObject({ size_in_bytes: z.number().optional() })) }).optional(),
});
