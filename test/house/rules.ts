/**
 * The rules of docs/architecture.md that a machine can check. Each takes the sources by path relative to `src/` and
 * returns one line per breach: `src/plan/x.ts:12: …`.
 */
export type Sources = Readonly<Record<string, string>>;

/** From left to right: a room imports from itself and from rooms to its left. */
export const rooms = [
  "diagnostics",
  "oci",
  "dockerfile",
  "naming",
  "disk",
  "registry",
  "files",
  "contents",
  "resolve",
  "git",
  "catalogue",
  "changes",
  "plan",
  "compose",
  "freeze",
  "engines",
  "published",
  "publish",
  "judge",
  "status",
  "trail",
  "records",
  "trust",
  "scaffold",
  "pipeline",
  "run",
  "index",
  "cli",
  "main",
] as const;

export const pureRooms = [
  "diagnostics",
  "oci",
  "dockerfile",
  "naming",
  "resolve",
  "plan",
  "compose",
  "freeze",
  "judge",
  "pipeline",
];

export const importsAgainstTheDirection = (sources: Sources): string[] =>
  eachImport(sources, ({ path, line, target }) => {
    if (!target.startsWith(".") || target.endsWith(".json")) return undefined;
    const to = roomOf(resolve(path, target));
    const [own, other] = [rankOf(roomOf(path)), rankOf(to)];
    if (other === -1) return `src/${path}:${line}: room "${to}" has no place in the order of rooms`;
    return other > own
      ? `src/${path}:${line}: "${roomOf(path)}" imports from "${to}", which stands to its right`
      : undefined;
  });

export const roomsWithoutPlace = (sources: Sources): string[] =>
  Object.keys(sources)
    .filter((path) => rankOf(roomOf(path)) === -1)
    .map((path) => `src/${path}:1: room "${roomOf(path)}" has no place in the order of rooms`);

export const impureImports = (sources: Sources): string[] =>
  eachImport(onlyPure(sources), ({ path, line, target, names }) => {
    const allowed = pureModules[target];
    if (target.startsWith(".") || names.type || allowed === "all") return undefined;
    const wrong = allowed === undefined ? [target] : names.values.filter((name) => !allowed.includes(name));
    return wrong.length === 0
      ? undefined
      : `src/${path}:${line}: a pure room imports ${wrong.join(", ")} of "${target}"`;
  });

export const impureGlobals = (sources: Sources): string[] =>
  eachMatch(onlyPure(sources), impure, (match) => `a pure room uses ${match}`);

export const exitsOutsideMain = (sources: Sources): string[] =>
  eachMatch(
    Object.fromEntries(Object.entries(sources).filter(([path]) => path !== "main.ts")),
    /\bprocess\.(?:exit|abort|reallyExit)\b/g,
    (match) => `${match} belongs in main.ts`,
  );

/** Which platform images are for is said once, and never asked of the machine. */
export const platformsOutsideTheirFile = (sources: Sources): string[] =>
  Object.entries(sources)
    .filter(([path]) => path !== "oci/platform.ts")
    .flatMap(([path, text]) =>
      [...withoutComments(text).matchAll(/["'`](?:linux\/)?(?:amd64|arm64)["'`]|\bprocess\.arch\b|\barch\(\)/g)].map(
        (match) => `src/${path}:${lineOf(text, match.index)}: ${match[0]} belongs in oci/platform.ts`,
      ),
    );

/** What a person types is parsed and what a verb answers is printed there: nothing is loaded, opened, asked or decided. */
export const workInCli = (sources: Sources): string[] =>
  eachImport(onlyCli(sources), ({ path, line, target, names }) => {
    if (!target.startsWith(".") || target.endsWith(".json") || names.type) return undefined;
    const room = roomOf(resolve(path, target));
    return roomsForCli.includes(room)
      ? undefined
      : `src/${path}:${line}: the command line takes more than types of "${room}"`;
  });

/** Verbs, how problems are told, and names as values. */
const roomsForCli: readonly string[] = ["cli", "diagnostics", "naming", "run"];

/** Files that import each other in a circle, types included; each circle once, from its first file by name. */
export function circles(sources: Sources): string[] {
  const imports = new Map(
    Object.entries(sources).map(([path, text]) => [
      path,
      importsOf(path, text)
        .filter(({ isDynamic, target }) => !isDynamic && target.startsWith("."))
        .map(({ target }) => resolve(path, target)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) found.push(trail.slice(at).join(" → "));
    if (at !== -1 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of [...imports.keys()].sort()) visit(path, []);
  return found;
}

/** Types of one name in several files: a reader who searches for it should find one thing. */
export function typesOfOneName(sources: Sources): string[] {
  const places = new Map<string, string[]>();
  for (const [path, text] of Object.entries(sources))
    for (const [, name = ""] of withoutComments(text).matchAll(
      /^export (?:abstract )?(?:interface|type|class) (\w+)/gm,
    ))
      places.set(name, [...(places.get(name) ?? []), path]);
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name}: ${paths.sort().join(", ")}`);
}

/** What is exported and used in no other file, of `sources` or of `users`; whatever entry files export is used by others. */
export function unusedExports(sources: Sources, users: Sources, entries: readonly string[]): string[] {
  const words = new Map<string, Set<string>>();
  for (const [path, text] of [
    ...Object.entries(sources),
    ...Object.entries(users).map(([p, t]) => [`user ${p}`, t] as const),
  ])
    for (const [word] of withoutComments(text).matchAll(/[A-Za-z_$][\w$]*/g))
      words.set(word, (words.get(word) ?? new Set()).add(path));
  return Object.entries(sources)
    .filter(([path]) => !entries.includes(path))
    .flatMap(([path, text]) =>
      [...withoutComments(text).matchAll(exported)].flatMap(({ 1: name = "", index }) =>
        [...(words.get(name) ?? [])].some((each) => each !== path)
          ? []
          : [`src/${path}:${lineOf(text, index)}: ${name} is exported, and used in no other file`],
      ),
    );
}

const exported = /^export (?:abstract |async )?(?:interface|type|class|const|let|function\*?) (\w+)/gm;

/** The grammar of names stands in the room "naming", where writer and reader are together. Help texts may show a name. */
export const namesOutsideTheirRoom = (sources: Sources): string[] =>
  Object.entries(sources)
    .filter(([path]) => !path.startsWith("naming/"))
    .flatMap(([path, text]) =>
      [...withoutComments(text).matchAll(/org\.sciserver|[`/"](?:sci|rel)\/\$\{|(?:sci|rel)\\\//g)].map(
        (match) => `src/${path}:${lineOf(text, match.index)}: ${match[0]} belongs in the room "naming"`,
      ),
    );

/** Git has one environment and one reader, in the room of its name; others ask questions of it. */
export const gitOutsideItsRoom = (sources: Sources): string[] =>
  eachImport(
    Object.fromEntries(Object.entries(sources).filter(([path]) => !path.startsWith("git/"))),
    ({ path, line, target }) =>
      target.endsWith("/git/process.ts")
        ? `src/${path}:${line}: git processes are started in the room "git"`
        : undefined,
  );

/** What a pure room may import beside other rooms; undefined is nothing. Types are free. */
const pureModules: Readonly<Record<string, readonly string[] | "all">> = {
  "node:crypto": ["createHash"],
  "node:zlib": ["crc32"],
  "node:util": ["styleText"],
  "node:path": "all",
  "node:path/posix": "all",
  "node:buffer": "all",
  zod: "all",
};

const impure =
  /\b(?:process|performance|console|globalThis)\s*\.|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\s*\(|\brequire\s*\(/g;

interface Import {
  readonly path: string;
  readonly isDynamic: boolean;
  readonly line: number;
  readonly target: string;
  readonly names: { readonly type: boolean; readonly values: readonly string[] };
}

function eachImport(sources: Sources, judge: (found: Import) => string | undefined): string[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    importsOf(path, text).flatMap((found) => judge(found) ?? []),
  );
}

const statement =
  /^(?:import|export)\s(?:(?<clause>[^;"'`=()]*?)\sfrom\s+)?"(?<static>[^"]+)"|\bimport\(\s*["'`](?<dynamic>[^"'`]+)["'`]/gm;

const importsOf = (path: string, text: string): Import[] =>
  [...withoutComments(text).matchAll(statement)].map((match) => ({
    path,
    line: lineOf(text, match.index),
    isDynamic: match.groups?.dynamic !== undefined,
    target: match.groups?.static ?? match.groups?.dynamic ?? "",
    names: namesOf(match.groups?.clause ?? ""),
  }));

/** `*` stands for a whole module, `default` for its default. */
function namesOf(clause: string): Import["names"] {
  const braces = /\{(?<list>[^}]*)\}/.exec(clause)?.groups?.list;
  const named = (braces ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "" && !each.startsWith("type "))
    .map((each) => each.split(/\s+as\s+/)[0] ?? each);
  const rest = clause.replace(/\{[^}]*\}/, "").replace(/[\s,]/g, "");
  const type = clause.startsWith("type ") || (braces !== undefined && named.length === 0 && rest === "");
  return { type, values: rest === "" && braces !== undefined ? named : ["*", ...named] };
}

function eachMatch(sources: Sources, pattern: RegExp, say: (match: string) => string): string[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    [...withoutComments(text, true).matchAll(pattern)].map(
      (match) => `src/${path}:${lineOf(text, match.index)}: ${say(match[0])}`,
    ),
  );
}

const token = /(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\*[^]*?\*\/|\/\/[^\n]*/g;

/** Same length, same lines; with `stringsToo` quoted texts are blanked as well. */
const withoutComments = (text: string, stringsToo = false): string =>
  text.replace(token, (found, quoted: string | undefined) =>
    quoted !== undefined && !stringsToo ? found : found.replace(/[^\n]/g, " "),
  );

const onlyPure = (sources: Sources): Sources =>
  Object.fromEntries(Object.entries(sources).filter(([path]) => pureRooms.includes(roomOf(path))));

const onlyCli = (sources: Sources): Sources =>
  Object.fromEntries(Object.entries(sources).filter(([path]) => roomOf(path) === "cli"));

const roomOf = (path: string): string => /^[^/.]+/.exec(path)?.[0] ?? path;

const rankOf = (room: string): number => (rooms as readonly string[]).indexOf(room);

const resolve = (from: string, target: string): string => new URL(target, `file:///${from}`).pathname.slice(1);

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
