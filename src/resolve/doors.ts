import { parentPath } from "../files/entry.ts";
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

/** Whether scripts of bash may find other things than `sh -c`. */
export const setsBash = ({ variables }: View): boolean => variables.get("BASH_ENV") !== undefined;

/** Every door of an image, in the order in which a user would think of them. */
export function doorsOf(view: View, hasBash: boolean): Door[] {
  const login = startShell(loginFiles(view), view);
  return [
    shellDoor("sh", "sh -c", view, view.variables),
    shellDoor("login", "a login shell", view, login.variables, login.code),
    ...(hasBash ? [bashDoor(view)] : []),
    ...kernelsOf(view).map(({ key, name, variables, command }) => ({
      ...shellDoor(key, name, view, variables),
      pythons: pythonsOf(command, view, variables),
    })),
    ...pythonDoors(view),
  ];
}

function bashDoor(view: View): Door {
  const { variables, code } = startShell([view.variables.get("BASH_ENV") ?? ""], view);
  return shellDoor("bash", "bash -c", view, variables, code);
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
  view: View,
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
    rs: new Map(rHomes(view).map((home) => [home, rAt(home, view, variables)])),
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

/** Every virtual environment, every prefix of conda and every interpreter, as it is called by its path. */
function pythonDoors(view: View): Door[] {
  const { index } = view.facts;
  const prefixes = [
    ...pathsEndingIn(index, "/pyvenv.cfg").map(parentPath),
    ...pathsEndingIn(index, "/conda-meta/history").map((path) => parentPath(parentPath(path))),
    ...pathsWith(index, "/bin/python3").flatMap((path) =>
      /\/bin\/python3\.\d+$/.test(path) ? [parentPath(parentPath(path))] : [],
    ),
  ];
  return [...new Set(prefixes)].flatMap((prefix): Door[] => {
    const program = ["python3", "python"].flatMap(
      (name) => commandAt(`/${prefix}/bin/${name}`, view, view.variables) ?? [],
    )[0];
    const pythons = pythonsOf(program, view, view.variables);
    if (!program || pythons.size === 0) return [];
    const bare = { commands: none, interpreters: none, libraries: none, preloads: none, rs: none, code: [] };
    return [{ key: `python ${prefix}`, name: program.path, pythons, ...bare }];
  });
}
