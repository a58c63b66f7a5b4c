import { resolve } from "node:path";
import type { BuildRequest } from "../run/model.ts";
import type { OptionSpec } from "./option.ts";
import { usageError } from "./usage.ts";

export const secretOption: OptionSpec = {
  name: "secret",
  kind: "list",
  lineOnly: true,
  value: "id=NAME,src=FILE|env=VARIABLE",
  description:
    "where the value of a build secret is that definitions declare; it gets into no image, log, plan or cache",
};

type Secrets = NonNullable<BuildRequest["secrets"]>;

/** `--secret` as docker build takes it. Relative paths start from `directory`. Throws for anything else. */
export function readSecrets(written: readonly string[], directory: string): Secrets {
  const read = written.map((text) => readSecret(text, directory));
  const twice = read.find(({ id }, at) => read.findIndex((each) => each.id === id) !== at);
  if (twice) throw usageError(`--secret gives "${twice.id}" twice`, "leave one of them out");
  return read;
}

function readSecret(text: string, directory: string): Secrets[number] {
  const fields = new Map(fieldsOf(text).map(split));
  const [id, env] = [fields.get("id"), fields.get("env")];
  const file = fields.get("src") ?? fields.get("source");
  const known = ["id", "env", "src", "source", "type"];
  const isRight =
    id && (file === undefined) !== (env === undefined) && [...fields.keys()].every((each) => known.includes(each));
  // The text may hold a value that somebody took for one: it is not repeated.
  if (!isRight || file === "" || env === "" || !hasType(fields.get("type"), env))
    throw usageError(
      `--secret${id === undefined || id === "" ? "" : ` of "${id}"`} does not say where a value is`,
      "write --secret id=NAME,src=FILE or --secret id=NAME,env=VARIABLE",
    );
  return file === undefined ? { id, variable: env ?? "" } : { id, file: resolve(directory, file) };
}

const hasType = (type: string | undefined, env: string | undefined): boolean =>
  type === undefined || type === (env === undefined ? "file" : "env");

/** Fields of CSV, as Docker's client reads them: `id=a,"src=/one, two"`. */
const fieldsOf = (text: string): string[] =>
  [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)]
    .map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain)
    .filter((field) => field !== "");

function split(field: string): [string, string] {
  const at = field.indexOf("=");
  return at === -1 ? [field, ""] : [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)];
}
