import { baseName, joinPath, parentPath } from "../files/entry.ts";
import { factOf } from "./facts.ts";
import { follow } from "./follow.ts";
import type { ImageFacts } from "./model.ts";

/** A Python: an interpreter with its standard library, or a virtual environment of one. */
export interface PythonHome {
  /** The program; in a virtual environment usually a link. */
  readonly interpreter: string;
  readonly version: string;
  /** `sys.prefix` */
  readonly prefix: string;
  /** `sys.base_prefix`, where the standard library is. */
  readonly base: string;
  /** Whether it looks into the packages of the other as well; false for what is no virtual environment. */
  readonly withBase: boolean;
  /** Debian's and its virtual environments look into other folders. */
  readonly debian: boolean;
}

/** Every Python of an image, in the order of their paths. */
export function pythonHomes(facts: ImageFacts): PythonHome[] {
  const homes: PythonHome[] = [];
  for (const entry of facts.index.under("")) {
    const [, bin = "", version = ""] = /^((?:.*\/)?bin)\/python(\d+\.\d+)$/.exec(entry.path) ?? [];
    if (version !== "" && entry.type === "file" && (entry.mode & 0o111) !== 0) {
      const prefix = parentPath(bin);
      const own = settingsOf(facts, joinPath(prefix, "pyvenv.cfg"));
      if (own === undefined) homes.push(plain(facts, entry.path, version, prefix));
    }
    if (baseName(entry.path) === "pyvenv.cfg" && entry.fact !== undefined) {
      const environment = virtual(facts, parentPath(entry.path));
      if (environment) homes.push(environment);
    }
  }
  return homes.sort((a, b) => (a.interpreter < b.interpreter ? -1 : 1));
}

const plain = (facts: ImageFacts, interpreter: string, version: string, prefix: string): PythonHome => ({
  interpreter,
  version,
  prefix,
  base: prefix,
  withBase: false,
  debian: isDebian(facts, prefix),
});

const isDebian = ({ index }: ImageFacts, prefix: string): boolean =>
  prefix === "usr" && index.get("usr/lib/python3/dist-packages") !== undefined;

function virtual(facts: ImageFacts, prefix: string): PythonHome | undefined {
  const settings = settingsOf(facts, joinPath(prefix, "pyvenv.cfg"));
  const program = ["python3", "python"]
    .map((name) => joinPath(prefix, `bin/${name}`))
    .find((path) => facts.index.get(path) !== undefined);
  if (settings === undefined || program === undefined) return undefined;
  const real = follow(facts.index, program)?.path ?? "";
  const version =
    /^\d+\.\d+/.exec(settings.get("version") ?? settings.get("version_info") ?? "")?.[0] ??
    /\/python(\d+\.\d+)$/.exec(real)?.[1];
  if (version === undefined) return undefined;
  const base = parentPath((settings.get("home") ?? "").replace(/^\/+|\/+$/g, ""));
  const withBase = (settings.get("include-system-site-packages") ?? "true").toLowerCase() === "true";
  return { interpreter: program, version, prefix, base, withBase, debian: isDebian(facts, base) };
}

/** Keys of a `pyvenv.cfg` in lower case, as `site` reads them. */
function settingsOf(facts: ImageFacts, path: string): ReadonlyMap<string, string> | undefined {
  const entry = facts.index.get(path);
  const fact = entry && factOf(facts, entry);
  if (fact?.kind !== "text") return undefined;
  const lines = fact.text.split("\n").map((line) => /^([^=]*)=(.*)$/.exec(line));
  return new Map(
    lines.flatMap((found) => (found ? [[(found[1] ?? "").trim().toLowerCase(), (found[2] ?? "").trim()]] : [])),
  );
}
