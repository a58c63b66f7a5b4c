import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import { parseReference } from "../oci/reference.ts";
import { freezeMode } from "./freeze.ts";
import { readJson } from "./json.ts";
import type { Settings, SourceText } from "./model.ts";
import { readText, type TextFiles } from "./read-text.ts";
import { type SettingsFile, settingsFile } from "./schema.ts";
import { readDefinition } from "./validate.ts";

export const settingsFileName = "image-builder.json";
const defaultRepo = "containers.repo.sciserver.org/compute-images";

/** What flags and environment say; a key that is absent leaves the word to the file (B5). */
export type SettingsOverrides = Partial<
  Pick<Settings, "repo" | "engine" | "jobs" | "meaningful" | "network" | "insecure">
>;

interface LoadedSettings {
  readonly settings: Settings;
  /** Undefined where there is no file. */
  readonly source?: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads `image-builder.json` at the root, where there is one, and lays the overrides over it. */
export function loadSettings(files: TextFiles, overrides: SettingsOverrides): LoadedSettings {
  const text = readText(files, settingsFileName);
  const source = text !== undefined && "source" in text ? text.source : undefined;
  const read = source && readDefinition(source, settingsFile);
  const unreadable = text !== undefined && "problem" in text ? [text.problem] : [];
  const file: SettingsFile = read?.value ?? {};
  const home = trimSlash(file.repo ?? defaultRepo);
  const repo = trimSlash(overrides.repo ?? home);
  const copies = copyProblems(file.copies ?? [], home, source);
  const badRepos = [...new Set([home, repo])].filter((each) => !isRepository(each)).map(badRepo);
  return {
    settings: merge(file, overrides, home, repo),
    ...(source && { source }),
    diagnostics: [...unreadable, ...(read?.diagnostics ?? []), ...badRepos, ...copies],
  };
}

function merge(file: SettingsFile, overrides: SettingsOverrides, home: string, repo: string): Settings {
  const {
    adopted = [],
    insecure = [],
    mirrors = [],
    meaningful = false,
    engine,
    jobs,
    network,
    withdrawn = [],
    copies = [],
  } = file;
  const fromFile = { ...defined({ engine, jobs, network }), meaningful };
  return {
    ...fromFile,
    ...defined(overrides),
    home,
    repo,
    freeze: freezeMode(file.freeze ?? "warn"),
    mayChange: file.mayChange ?? {},
    tests: file.tests ?? "changed",
    adopted,
    withdrawn,
    copies: home === repo ? copies.map(trimSlash) : [],
    mirrors,
    insecure: [...insecure, ...(overrides.insecure ?? [])],
  };
}

/** Without the keys whose value is undefined, which would hide what lies below. */
function defined<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}

const trimSlash = (repo: string): string => repo.replace(/\/+$/, "");

/** A repository prefix is what a reference has before `/sci/x`; its first part has to be a host, or Docker Hub would be meant. */
const isRepository = (repo: string): boolean =>
  parseReference(`${repo}/sci/x`) !== undefined && /^(localhost|[^/]*[.:][^/]*)(\/|$)/.test(repo);

function copyProblems(copies: readonly string[], home: string, source: SourceText | undefined): Diagnostic[] {
  const names = copies.map(trimSlash);
  return names.flatMap((name, at) => {
    const why = !isRepository(name)
      ? "is not a repository to publish to"
      : name === home
        ? "is the home repository itself"
        : names.indexOf(name) < at
          ? "is listed twice"
          : undefined;
    if (why === undefined) return [];
    const place = source && readJson(source).places[`copies.${at}`];
    return [
      error("bad-copy", `the copy ${JSON.stringify(copies[at])} ${why}`, {
        ...(source && locate(source.path, source.text, place ?? { start: 0, end: 1 })),
        help: "name a registry and a path, without scheme or tag, that is not the home repository: ghcr.io/example/images",
      }),
    ];
  });
}

const badRepo = (repo: string): Diagnostic =>
  error("bad-repository", `${JSON.stringify(repo)} is not a repository to publish to`, {
    help: "name a registry and a path, without scheme or tag: registry.example.org/compute-images",
  });
