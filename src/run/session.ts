import type { Catalogue } from "../catalogue/model.ts";
import { assertRoot, findRoot } from "../catalogue/root.ts";
import type { SettingsOverrides } from "../catalogue/settings.ts";
import type { Detected } from "../changes/detect.ts";
import type { ChangeSet } from "../changes/model.ts";
import type { Repository } from "../changes/repository.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Environment } from "../engines/processes.ts";
import type { Registries, RegistriesOptions } from "../registry/model.ts";
import type { Secrets } from "../registry/secrets.ts";

/** Where the verbs work; absent keys mean what the command line means without the option. */
export interface SessionOptions {
  /** The catalogue's root; the nearest folder from `directory` upwards that is one when undefined. */
  readonly root?: string | undefined;
  /** Absolute; the process's own when undefined. */
  readonly directory?: string;
  /** What counts in place of `image-builder.json`. */
  readonly settings?: SettingsOverrides;
  /** Counts files that git does not track. */
  readonly untracked?: boolean;
  /** For proxies, logins, caches and engines; the process's own when undefined. */
  readonly environment?: Environment;
  /** Aborted to stop: what runs is cleaned up, and nothing more is begun. */
  readonly signal?: AbortSignal;
}

/** A catalogue that can be planned, and what git says of it. */
export interface CatalogueState {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
}

/**
 * One catalogue with its repository and its registries, for any number of verbs. Everything is read or opened when a verb
 * first asks for it, once, and closed with the session.
 */
export interface Session {
  /** Throws `RefusedError` where there is no catalogue. */
  readonly root: string;
  readonly options: SessionOptions;
  readonly directory: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** With every problem in its `diagnostics`. */
  catalogue(): Promise<Catalogue>;
  /** Compares with `since` (`--since`). Throws `RefusedError` with every problem of the catalogue when one of them is an error. */
  read(since?: string): Promise<CatalogueState>;
  repository(): Promise<Pick<Repository, "gitDir">>;
  /** For questions that a person waits for: given up early, and with the signal. */
  asking(): Promise<Registries>;
  /** For what is moved: tried again for longer, and tidied up after the signal. */
  moving(): Promise<Registries>;
  /** What the words of engines and registries are kept free of, from the beginning: an engine reads the same logins by itself. */
  secrets(): Promise<Secrets>;
  /** Files of the catalogue were written: it is read again when it is asked for next. */
  forget(): void;
  close(): Promise<void>;
}

/** `since` of verbs that ask a registry about everything and compare with no range: what is uncommitted still counts. */
export const everything = "published";

/** Reads nothing yet. */
export function openSession(options: SessionOptions = {}): Session {
  const { directory = process.cwd(), environment = process.env, signal = new AbortController().signal } = options;
  const asking = once(() => openRegistries(session, { signal, limits: questionLimits }));
  const moving = once(async () => openRegistries(session, { secrets: await session.secrets() }));
  const secrets = once(() => learnSecrets(environment));
  let catalogue = once(() => load(session));
  let detected: Detected | undefined;
  const session: Session = {
    get root() {
      return options.root === undefined ? findRoot(directory) : assertRoot(options.root);
    },
    options,
    directory,
    environment,
    signal,
    catalogue: () => catalogue.get(),
    async read(since) {
      const state = await readState(session, since);
      detected = state.detected;
      return { catalogue: state.catalogue, changes: state.detected.changes };
    },
    async repository() {
      const { openRepository } = await import("../changes/repository.ts");
      return detected?.repository ?? openRepository(session.root, []);
    },
    asking: () => asking.get(),
    moving: () => moving.get(),
    secrets: () => secrets.get(),
    forget() {
      catalogue = once(() => load(session));
    },
    async close() {
      const opened = await Promise.allSettled([asking.made(), moving.made()]);
      for (const each of opened) if (each.status === "fulfilled") await each.value?.close();
    },
  };
  return session;
}

/** Opens a session for one use and closes it. */
export async function withSession<T>(options: SessionOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const session = openSession(options);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Reading goes on while git works; when it fails, what git says is no longer of interest. */
async function readState(session: Session, since: string | undefined) {
  const { root, options } = session;
  const { detectChanges } = await import("../changes/detect.ts");
  const detecting = detectChanges(root, {
    untracked: options.untracked ?? false,
    ...(since !== undefined && { since }),
  });
  detecting.catch(() => undefined);
  const catalogue = await session.catalogue();
  if (hasErrors(catalogue.diagnostics)) throw new RefusedError(catalogue.diagnostics);
  return { catalogue, detected: await detecting };
}

async function load({ root, options }: Session): Promise<Catalogue> {
  const { loadCatalogue } = await import("../catalogue/load.ts");
  return loadCatalogue(root, options.settings);
}

async function openRegistries(
  session: Session,
  options: Pick<RegistriesOptions, "signal" | "limits" | "secrets">,
): Promise<Registries> {
  const { createRegistries } = await import("../registry/registries.ts");
  return createRegistries({ insecure: await insecureHosts(session), environment: session.environment, ...options });
}

async function learnSecrets(environment: Environment): Promise<Secrets> {
  const { learnLogins } = await import("../registry/credential-store.ts");
  const { Secrets } = await import("../registry/secrets.ts");
  const { passphraseVariable } = await import("../trust/keys.ts");
  const secrets = new Secrets();
  await learnLogins(environment, secrets);
  secrets.addSecret(environment[passphraseVariable] ?? "");
  return secrets;
}

/** A question is repeated less often than an upload: people wait for it. Waits in milliseconds. */
const questionLimits = { attempts: 3, answer: 30_000 };

/** Whole references can be asked for where there is no catalogue. */
async function insecureHosts(session: Session): Promise<readonly string[]> {
  try {
    return (await session.catalogue()).settings.insecure;
  } catch (failure) {
    if (isNoCatalogue(failure)) return session.options.settings?.insecure ?? [];
    throw failure;
  }
}

export const isNoCatalogue = (failure: unknown): boolean =>
  failure instanceof RefusedError && failure.diagnostics.some(({ code }) => code === "no-catalogue");

interface Once<T> {
  get(): Promise<T>;
  /** What was made so far, if anything. */
  made(): Promise<T> | undefined;
}

function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  return { get: () => (made ??= make()), made: () => made };
}
