import type { Settings } from "../catalogue/model.ts";
import { engineMirrors } from "../engines/docker/mirrors.ts";
import type { Environment } from "../engines/processes.ts";
import { learnLogins } from "../registry/credential-store.ts";
import { mirrorRegistries } from "../registry/mirrors.ts";
import type { Registries, RegistriesOptions, Registry } from "../registry/model.ts";
import { createRegistries } from "../registry/registries.ts";
import { Secrets } from "../registry/secrets.ts";
import { passphraseVariable } from "../trust/keys.ts";

/** What a session needs to speak to registries, loaded as one. Docker Hub is read from its mirrors first. */
export function openRegistries(
  { insecure, mirrors }: Pick<Settings, "insecure" | "mirrors">,
  options: RegistriesOptions & { readonly environment: Environment },
): Registries {
  const registries = createRegistries({ ...options, insecure });
  let opened: Promise<{ readonly all: readonly Registry[]; close(): Promise<void> }> | undefined;
  const open = async () => openMirrors([...mirrors, ...(await engineMirrors(options.environment))], insecure, options);
  const mirrored = mirrorRegistries(registries, async () => (await (opened ??= open())).all);
  return {
    registryFor: (host) => mirrored.registryFor(host),
    async close() {
      await Promise.all([registries.close(), opened?.then((each) => each.close())]);
    },
  };
}

/** Those that are addressed as `http://` are spoken to so. */
function openMirrors(addresses: readonly string[], insecure: readonly string[], options: RegistriesOptions) {
  const hosts = [...new Set(addresses.map((each) => each.replace(/^https?:\/\/|\/.*$/g, "")))];
  const plain = addresses.filter((each) => each.startsWith("http://"));
  const isPlain = (host: string): boolean => plain.some((each) => each.startsWith(`http://${host}`));
  const registries = createRegistries({ ...options, insecure: [...insecure, ...hosts.filter(isPlain)] });
  return { all: hosts.map((host) => registries.registryFor(host)), close: () => registries.close() };
}

/** A question is repeated less often than an upload: people wait for it. Milliseconds. */
export const questionLimits = { attempts: 3, answer: 30_000 };

export async function learnSecrets(environment: Environment): Promise<Secrets> {
  const secrets = new Secrets();
  await learnLogins(environment, secrets);
  secrets.addSecret(environment[passphraseVariable] ?? "");
  return secrets;
}
