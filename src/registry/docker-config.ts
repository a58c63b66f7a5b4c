import { z } from "zod";
import { dockerHub } from "../oci/reference.ts";
import { parseDocument } from "../oci/untrusted.ts";
import type { Credential } from "./credentials.ts";

/**
 * The part of Docker's `config.json` and of containers' `auth.json` that is about logins;
 * https://docs.docker.com/reference/cli/docker/login/ and containers-auth.json(5)
 */
export interface LoginConfig {
  readonly auths: Readonly<Record<string, LoginEntry>>;
  /** Names of helpers by host. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** Name of the helper for all other hosts. */
  readonly credsStore?: string | undefined;
}

interface LoginEntry {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identitytoken?: string | undefined;
  readonly registrytoken?: string | undefined;
}

/** Throws `FailedError` without quoting the file, which holds passwords. */
export const parseLoginConfig = (bytes: Uint8Array, path: string): LoginConfig =>
  parseDocument(configSchema, bytes, path);

/** The entry of `auths` for a repository: the longest path that it lies under, at last the host alone. */
export function findEntry({ auths }: LoginConfig, host: string, repository: string): LoginEntry | undefined {
  const parts = repository.split("/");
  const paths = [...parts.keys()].reverse().map((at) => `${host}/${parts.slice(0, at + 1).join("/")}`);
  for (const key of paths) if (Object.hasOwn(auths, key)) return auths[key];
  const names = namesOf(host);
  return Object.entries(auths).find(([key]) => names.includes(hostOfKey(key)))?.[1];
}

/** The helper that is to be asked for a host, and the name it knows the host by. */
export function findHelper(
  config: LoginConfig,
  host: string,
): { readonly helper: string; readonly server: string } | undefined {
  const server = host === dockerHub ? hubServer : host;
  const own = [server, ...namesOf(host)].find((name) => Object.hasOwn(config.credHelpers, name));
  const helper = own === undefined ? config.credsStore : config.credHelpers[own];
  return helper ? { helper, server } : undefined;
}

/** Undefined for the empty entry that `docker login` leaves where a helper holds the password. */
export const credentialOf = (entry: LoginEntry): Credential | undefined => credentialsOf(entry)[0];

/** All that an entry holds; the first is the one to use. */
export function credentialsOf(entry: LoginEntry): Credential[] {
  const [user, password] = entry.auth ? decodeAuth(entry.auth) : [entry.username, entry.password];
  return [
    ...(entry.identitytoken ? [{ kind: "identity", token: entry.identitytoken } as const] : []),
    ...(entry.registrytoken ? [{ kind: "registry", token: entry.registrytoken } as const] : []),
    ...(user && password !== undefined ? [{ kind: "password", user, password } as const] : []),
  ];
}

/** Under this name Docker keeps the login of Docker Hub. */
const hubServer = "https://index.docker.io/v1/";

const namesOf = (host: string): readonly string[] =>
  host === dockerHub ? [dockerHub, "index.docker.io", "registry-1.docker.io"] : [host];

/** Docker's older keys are addresses: `https://host/v1/`. One with a path and no scheme is for that path alone. */
function hostOfKey(key: string): string {
  const [, scheme, host = "", path] = /^(https?:\/\/)?([^/]*)(\/.*)?$/.exec(key) ?? [];
  const pathCounts = scheme === undefined && path !== undefined && path !== "/" && !/^\/v[12]\/?$/.test(path);
  return pathCounts ? key : host;
}

/** `user:password` in base64; a password may hold colons, and old files end with zero bytes. */
function decodeAuth(auth: string): readonly [string | undefined, string | undefined] {
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? [undefined, undefined] : [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, "")];
}

const optional = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const entrySchema = z.object({
  auth: optional,
  username: optional,
  password: optional,
  identitytoken: optional,
  registrytoken: optional,
});

const configSchema = z.object({
  auths: z
    .record(z.string(), entrySchema)
    .nullish()
    .transform((value) => value ?? {}),
  credHelpers: z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {}),
  credsStore: optional,
});
