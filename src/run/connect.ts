import type { Environment } from "../engines/processes.ts";
import { learnLogins } from "../registry/credential-store.ts";
import { Secrets } from "../registry/secrets.ts";
import { passphraseVariable } from "../trust/keys.ts";

/** What a session needs to speak to registries, loaded as one. */
export { createRegistries } from "../registry/registries.ts";

/** A question is repeated less often than an upload: people wait for it. Milliseconds. */
export const questionLimits = { attempts: 3, answer: 30_000 };

export async function learnSecrets(environment: Environment): Promise<Secrets> {
  const secrets = new Secrets();
  await learnLogins(environment, secrets);
  secrets.addSecret(environment[passphraseVariable] ?? "");
  return secrets;
}
