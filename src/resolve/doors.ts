import { baseName, parentPath } from "../files/entry.ts";
import { commandAt, commandsOf } from "./commands.ts";
import { pathsEndingIn, pathsWith } from "./index-search.ts";
import { type Interpreters, interpretersOf } from "./interpreters.ts";
import { kernelsOf } from "./kernels.ts";
import { librariesOf, preloadsOf } from "./libraries.ts";
import type { ResolvedName, ResolvedNames } from "./names.ts";
import { pythonAt, type ResolvedPython } from "./python.ts";
import { type ResolvedR, rAt, rHomes } from "./r.ts";
import { startShell } from "./shell/run.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** A way into one image, and what is found there. What two images have of one `key` is one door. */
export interface Door {
  readonly key: string;
  /** The words for it. */
  readonly name: string;
  /** What a command line starts, and the words behind it; undefined for a shell. */
  readonly started?: { readonly word: string; readonly program: ResolvedName; readonly words: readonly string[] };
  readonly commands: ResolvedNames;
  readonly interpreters: Interpreters;
  readonly libraries: ResolvedNames;
  readonly preloads: ResolvedNames;
  /** By the word that starts it. */
  readonly pythons: ReadonlyMap<string, ResolvedPython>;
  /** By R_HOME. */
  readonly rs: ReadonlyMap<string, ResolvedR>;
  /** Files that run and cannot be followed, without a slash. */
  readonly code: readonly string[];
}

/** What is looked for in an image because it is there, or because it is in one that is compared with it. */
interface Wanting {
  /** Whether scripts of bash may find other things than `sh -c`. */
  readonly bash: boolean;
  /** Folders without a slash, of which links may be in the way. */
  readonly prefixes: readonly string[];
  /** R_HOME of each R. */
  readonly rHomes: readonly string[];
}

export function wantingOf(...views: readonly View[]): Wanting {
  const all = (paths: (view: View) => string[]): string[] => [...new Set(views.flatMap(paths))];
  return {
    bash: views.some(({ variables }) => variables.get("BASH_ENV") !== undefined),
    prefixes: all(pythonPrefixes),
    rHomes: all(rHomes),
  };
}

/** Every door of an image, in the order in which a user would think of them. */
export function doorsOf(view: View, { bash, prefixes, rHomes: homes }: Wanting): Door[] {
  const login = startShell(loginFiles(view), view);
  const door = { view, homes };
  return [
    { ...shellDoor("sh", "sh -c", door, view.variables), rs: none },
    shellDoor("login", "a login shell", door, login.variables, login.code),
    ...(bash ? [bashDoor(door)] : []),
    ...kernelsOf(view).map(({ key, name, variables, ...started }) => ({
      ...shellDoor(key, name, door, variables),
      started,
      pythons: pythonsOf(started.program, view, variables),
      ...(baseName(started.program.path) !== "R" && { rs: none }),
    })),
    ...prefixes.flatMap((prefix) => pythonDoor(prefix, view)),
    ...[...rsOf(homes, view, view.variables)].map(([home, r], at) => ({
      ...bare,
      key: `r ${home}`,
      name: at === 0 ? "R" : `R of /${home}`,
      rs: new Map([[home, r]]),
    })),
  ];
}

interface Inside {
  readonly view: View;
  readonly homes: readonly string[];
}

function bashDoor(inside: Inside): Door {
  const { variables, code } = startShell([], inside.view);
  return shellDoor("bash", "bash -c", inside, variables, code);
}

/** Of the user's own files the first alone. */
function loginFiles(view: View): string[] {
  const home = view.variables.get("HOME") ?? view.user.home;
  const own = [".bash_profile", ".bash_login", ".profile"].map((name) => `${home}/${name}`);
  return ["/etc/profile", ...own.filter((path) => view.at(path)).slice(0, 1)];
}

function shellDoor(
  key: string,
  name: string,
  { view, homes }: Inside,
  variables: EnvironmentVariables,
  code: readonly string[] = [],
): Door {
  const commands = commandsOf(view, variables);
  const words = [...commands.keys()].filter((word) => /^python[\d.]*$/.test(word)).sort();
  return {
    key,
    name,
    commands,
    interpreters: interpretersOf(commands, view, variables),
    libraries: librariesOf(view, variables),
    preloads: preloadsOf(view, variables),
    pythons: new Map(words.flatMap((word) => [...pythonsOf(commands.get(word), view, variables, word)])),
    rs: rsOf(homes, view, variables),
    code,
  };
}

function pythonsOf(
  program: ResolvedName | undefined,
  view: View,
  variables: EnvironmentVariables,
  word = "python",
): Map<string, ResolvedPython> {
  const python = program && pythonAt(program, view, variables);
  return new Map(python ? [[word, python]] : []);
}

const none = new Map<string, never>();

const bare = { commands: none, interpreters: none, libraries: none, preloads: none, pythons: none, rs: none, code: [] };

const rsOf = (homes: readonly string[], view: View, variables: EnvironmentVariables): Map<string, ResolvedR> =>
  new Map(homes.filter((home) => view.at(`${home}/library`)).map((home) => [home, rAt(home, view, variables)]));

/** Of every virtual environment, every prefix of conda and every interpreter. */
function pythonPrefixes({ facts: { index } }: View): string[] {
  return [
    ...pathsEndingIn(index, "/pyvenv.cfg").map(parentPath),
    ...pathsEndingIn(index, "/conda-meta/history").map((path) => parentPath(parentPath(path))),
    ...pathsWith(index, "/bin/python3").flatMap((path) =>
      /\/bin\/python3\.\d+$/.test(path) ? [parentPath(parentPath(path))] : [],
    ),
  ];
}

/** A Python as it is called by its path. */
function pythonDoor(prefix: string, view: View): Door[] {
  const program = ["python3", "python"].flatMap(
    (name) => commandAt(`/${prefix}/bin/${name}`, view, view.variables) ?? [],
  )[0];
  const pythons = pythonsOf(program, view, view.variables);
  return program && pythons.size > 0 ? [{ ...bare, key: `python ${prefix}`, name: program.path, pythons }] : [];
}
