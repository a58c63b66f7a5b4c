import { setMaxListeners } from "node:events";
import type { Catalogue, Settings, SourceText } from "../catalogue/model.ts";
import { assertRoot, findRoot } from "../catalogue/root.ts";
import type { SettingsOverrides } from "../catalogue/settings.ts";
import type { Detected } from "../changes/detect.ts";
import type { ChangeSet } from "../changes/model.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Environment } from "../engines/processes.ts";
import type { GitRepository } from "../git/repository.ts";
import type { Registries } from "../registry/model.ts";
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
  repository(): Promise<Pick<GitRepository, "gitDir">>;
  /** For questions that a person waits for: given up early, and with the signal. */
  asking(): Promise<Registries>;
  /** For what is moved: tried again for longer, and tidied up after the signal. */
  moving(): Promise<Registries>;
  /** What the words of engines and registries are kept free of, from the beginning: an engine reads the same logins by itself. */
  secrets(): Promise<Secrets>;
  /** A temporary folder, for contents that builds need and that lie in no file. */
  readonly scratch: () => Promise<string>;
  /** Files of the catalogue were written: it is read again when it is asked for next. */
  forget(): void;
  close(): Promise<void>;
}

/** `since` of verbs that ask a registry about everything and compare with no range: what is uncommitted still counts. */
export const everything = "published";

/** Reads nothing yet. */
export function openSession(options: SessionOptions = {}): Session {
  const { directory = process.cwd(), environment = process.env, signal = new AbortController().signal } = options;
  setMaxListeners(0, signal); // it ends all that runs side by side; Node takes the eleventh for a leak and says so
  let texts = new Map<string, SourceText>();
  const read = async (converted?: ReadonlyMap<string, string>) =>
    (await reading()).loadCatalogue(session.root, options.settings, { ...(converted && { converted }), known: texts });
  const load = () => once(() => read());
  let catalogue = load();
  let detected: Detected | undefined;
  const asking = once(async () => {
    const { openRegistries, questionLimits: limits } = await connecting();
    return openRegistries(await registrySettings(session), { environment, signal, limits });
  });
  const moving = once(async () => {
    const { openRegistries } = await connecting();
    return openRegistries(await registrySettings(session), { environment, secrets: await session.secrets() });
  });
  const secrets = once(async () => (await connecting()).learnSecrets(environment));
  const scratch = once(async () => (await import("../disk/temporary.ts")).makeTemporary());
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
      const { root } = session;
      const asked = { untracked: options.untracked ?? false, ...(since !== undefined && { since }) };
      const state = await (await reading()).readState(root, asked, texts, (converted) =>
        converted === undefined ? session.catalogue() : read(converted),
      );
      detected = state.detected;
      return { catalogue: state.catalogue, changes: state.detected.changes };
    },
    repository: async () => detected?.repository ?? (await reading()).openRepository(session.root, []),
    asking: () => asking.get(),
    moving: () => moving.get(),
    secrets: () => secrets.get(),
    scratch: async () => (await scratch.get()).path,
    forget() {
      texts = new Map();
      catalogue = load();
    },
    async close() {
      const opened = await Promise.allSettled([asking.made(), moving.made()]);
      for (const each of opened) if (each.status === "fulfilled") await each.value?.close();
      await (await scratch.made())?.remove();
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

/** Loaded when they are needed: `--version` and `--help` wait for nothing. */
const reading = () => import("./read.ts");
const connecting = () => import("./connect.ts");

/** Whole references can be asked for where there is no catalogue. */
async function registrySettings(session: Session): Promise<Pick<Settings, "insecure" | "mirrors">> {
  try {
    return (await session.catalogue()).settings;
  } catch (failure) {
    if (isNoCatalogue(failure)) return { insecure: session.options.settings?.insecure ?? [], mirrors: [] };
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
