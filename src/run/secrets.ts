import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Catalogue } from "../catalogue/model.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { SecretSource } from "../engines/model.ts";
import type { Environment } from "../engines/processes.ts";
import type { Session } from "./session.ts";

/**
 * Reads the values of build secrets, only so that nothing that is said or written has them in it; engines read them by themselves.
 * Throws `RefusedError` for one that no definition declares, or that is not there.
 */
export async function learnSecrets(
  session: Session,
  { science, compat }: Catalogue,
  given: readonly SecretSource[] = [],
): Promise<ReadonlyMap<string, SecretSource>> {
  if (given.length === 0) return new Map();
  const declared = new Set([...science, ...compat].flatMap(({ secrets = [] }) => secrets));
  const problems: Diagnostic[] = given
    .filter(({ id }) => !declared.has(id))
    .map(({ id }) => unknownSecret(id, declared));
  const known = await session.secrets();
  for (const each of given) {
    const value = await valueOf(each, session.environment);
    if (typeof value !== "string") problems.push(value);
    else for (const part of partsOf(value)) known.addSecret(part);
  }
  if (problems.length > 0) throw new RefusedError(problems);
  return new Map(given.map((each) => [each.id, each]));
}

/** Throws `RefusedError`, before anything is built, where a build is to be run without a secret that its layers declare. */
export function refuseWithoutSecrets(builds: readonly ImageBuild[], given: ReadonlyMap<string, SecretSource>): void {
  const missing = new Map<string, string[]>();
  for (const { id, secrets = [] } of builds)
    for (const name of secrets) if (!given.has(name)) missing.set(name, [...(missing.get(name) ?? []), id]);
  if (missing.size > 0) throw new RefusedError([...missing].map(([name, ids]) => missingSecret(name, ids)));
}

/** Bytes, as BuildKit takes them. */
const largest = 500 * 1024;

async function valueOf(secret: SecretSource, environment: Environment): Promise<string | Diagnostic> {
  if ("variable" in secret)
    return environment[secret.variable] ?? absent(secret.id, `the variable ${secret.variable}, which is not set`);
  try {
    // A pipe without a writer would be waited for.
    const file = await open(secret.file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      if (size > largest)
        return absent(secret.id, `${secret.file}, which is larger than the 500 kB that BuildKit takes`);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    return absent(secret.id, `${secret.file}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`);
  }
}

/** Engines print what a program says line by line. */
const partsOf = (value: string): string[] => [
  value,
  value.trim(),
  ...value.split(/\r?\n/).filter((line) => line.length >= 8),
];

const absent = (id: string, where: string): Diagnostic =>
  error("secret-not-there", `the secret "${id}" is to come from ${where}`, {
    help: `--secret id=${id},src=FILE, or --secret id=${id},env=VARIABLE`,
  });

const unknownSecret = (id: string, declared: ReadonlySet<string>): Diagnostic =>
  error("unknown-secret", `--secret gives "${id}", which no definition declares${didYouMean(id, declared)}`, {
    help: `add "${id}" to "secrets" in the definition of the layer that reads it`,
  });

const missingSecret = (name: string, ids: readonly string[]): Diagnostic => {
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : "";
  return error("missing-secret", `${ids.slice(0, 5).join(", ")}${more} cannot be built without the secret "${name}"`, {
    help: `give it with --secret id=${name},src=FILE or --secret id=${name},env=VARIABLE`,
  });
};
