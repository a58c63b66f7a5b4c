import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { askHelper } from "./credential-helper.ts";
import type { Credential, FindCredential } from "./credentials.ts";
import {
  credentialOf,
  credentialsOf,
  findEntry,
  findHelper,
  type LoginConfig,
  parseLoginConfig,
} from "./docker-config.ts";
import type { Secrets } from "./secrets.ts";

/**
 * Finds logins where `docker`, `podman` and `skopeo` keep them: `$REGISTRY_AUTH_FILE`, then `$DOCKER_CONFIG/config.json`
 * or `~/.docker/config.json`, then `$XDG_RUNTIME_DIR/containers/auth.json`. The first file that knows the host counts.
 * Files are read and helpers asked once, and `secrets` is told of every login in them.
 */
export function createCredentialStore(environment: Environment, secrets: Secrets): FindCredential {
  const configs = once(() => readConfigs(environment, secrets));
  const helpers = new Map<string, Promise<Credential | undefined>>();
  const ask = (helper: string, server: string): Promise<Credential | undefined> => {
    const key = `${helper} ${server}`;
    const asked = helpers.get(key) ?? askHelper(helper, server, environment, secrets);
    helpers.set(key, asked);
    return asked;
  };
  return async (host, repository) => {
    for (const config of await configs()) {
      const helper = findHelper(config, host);
      const held = helper && (await ask(helper.helper, helper.server));
      const entry = findEntry(config, host, repository);
      const credential = held ?? (entry && credentialOf(entry));
      if (credential) return credential;
    }
    return undefined;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

async function readConfigs(environment: Environment, secrets: Secrets): Promise<readonly LoginConfig[]> {
  const found = await Promise.all(configPaths(environment).map(readConfig));
  const configs = found.filter((config) => config !== undefined);
  for (const entry of configs.flatMap(({ auths }) => Object.values(auths)))
    for (const credential of credentialsOf(entry)) secrets.addLogin(credential);
  return configs;
}

/**
 * Tells `secrets` of the logins that lie in files, for an engine that reads the same ones. No helper is asked, and a broken file is
 * not a failure: whoever needs a login from it says so.
 */
export const learnLogins = async (environment: Environment, secrets: Secrets): Promise<void> =>
  void (await readConfigs(environment, secrets).catch(() => []));

function configPaths({ REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME }: Environment): string[] {
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG || join(HOME || homedir(), ".docker"), "config.json"),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, "containers", "auth.json")] : []),
  ];
}

async function readConfig(path: string): Promise<LoginConfig | undefined> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw unreadable(path, cause.message, cause);
  });
  try {
    return bytes && parseLoginConfig(bytes, path);
  } catch (cause) {
    throw unreadable(path, "it is not the JSON of a docker configuration", cause);
  }
}

const unreadable = (path: string, why: string, cause: unknown): FailedError =>
  new FailedError([error("bad-login-file", `logins cannot be read from ${path}: ${why}`)], { cause });

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
