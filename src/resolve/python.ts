import type { PythonHome } from "../contents/python-homes.ts";
import { searchPath } from "../contents/python-path.ts";
import { baseName, joinPath, parentPath } from "../files/entry.ts";
import { modulesOf } from "./modules.ts";
import type { ResolvedName, ResolvedNames } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** What a Python can import, and the files that run when it starts. */
export interface ResolvedPython {
  readonly modules: ResolvedNames;
  /** Paths without a slash. */
  readonly code: readonly string[];
}

/** Of the Python that is started by this path; undefined where that is no Python. */
export function pythonAt(
  program: ResolvedName,
  view: View,
  variables: EnvironmentVariables,
): ResolvedPython | undefined {
  const home = homeOf(program, view, variables);
  if (!home) return undefined;
  const start = { variables, home: view.user.home, workingFolder: view.workingFolder };
  const { first, standard, sites, code } = searchPath(home, view.facts, start);
  const folders = [...first, ...standard, ...sites];
  const working = variables.get("PYTHONSAFEPATH") ? [] : [view.workingFolder.slice(1)];
  return {
    modules: modulesOf(view, home.version, { working, folders, frozenFrom: standard }),
    code: [...code, ...folders.filter((folder) => view.facts.index.get(folder)?.type === "file")],
  };
}

/** Where a Python has its library (Modules/getpath.py), by the path that it is started by. */
function homeOf({ path, real }: ResolvedName, view: View, variables: EnvironmentVariables): PythonHome | undefined {
  const version = /^python(\d+\.\d+)$/.exec(baseName(real))?.[1];
  if (version === undefined) return undefined;
  const bin = parentPath(path.replace(/^\/+/, ""));
  const settings = settingsOf(view.text(`${bin}/pyvenv.cfg`) ?? view.text(joinPath(parentPath(bin), "pyvenv.cfg")));
  const told = variables
    .get("PYTHONHOME")
    ?.split(":")[0]
    ?.replace(/^\/+|\/+$/g, "");
  const base =
    told || baseOf((settings?.get("home") ?? `/${parentPath(real)}`).replace(/^\/+|\/+$/g, ""), version, view);
  return {
    interpreter: real,
    version,
    base,
    prefix: settings ? parentPath(bin) : base,
    withBase:
      settings !== undefined && (settings.get("include-system-site-packages") ?? "true").toLowerCase() === "true",
    debian: base === "usr" && view.at("usr/lib/python3/dist-packages") !== undefined,
  };
}

/** The nearest folder above the program that has the standard library. */
function baseOf(bin: string, version: string, view: View): string {
  const folder = view.at(bin)?.path ?? bin;
  for (let at = folder; ; at = parentPath(at)) {
    if (["lib", "lib64"].some((lib) => view.at(joinPath(at, `${lib}/python${version}/os.py`)))) return at;
    if (at === "") return parentPath(folder);
  }
}

/** Keys of a `pyvenv.cfg` in lower case. */
function settingsOf(text: string | undefined): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined;
  const lines = text.split("\n").map((line) => /^([^=]*)=(.*)$/.exec(line));
  return new Map(
    lines.flatMap((found) => (found ? [[(found[1] ?? "").trim().toLowerCase(), (found[2] ?? "").trim()]] : [])),
  );
}
