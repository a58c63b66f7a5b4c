import { baseName } from "../files/entry.ts";
import type { Door } from "./doors.ts";
import { compareInterpreters } from "./interpreters.ts";
import type { DoorVerdict, NameDifference } from "./model.ts";
import { moduleVersion } from "./modules.ts";
import { compareNames, type ResolvedNames, type Sides } from "./names.ts";
import { worst } from "./outcome.ts";
import { rVersion } from "./r.ts";
import type { View } from "./view.ts";

/** The doors of the science image, and then those that are new. */
export function compareDoors(before: readonly Door[], after: readonly Door[], sides: Sides): DoorVerdict[] {
  const later = new Map(after.map((door) => [door.key, door]));
  const known = new Set(before.map(({ key }) => key));
  return [
    ...before.map((door) => verdictOf(door, later.get(door.key), sides)),
    ...after
      .filter(({ key }) => !known.has(key))
      .map(({ name }): DoorVerdict => ({ door: name, outcome: "added", differences: [] })),
  ];
}

function verdictOf(before: Door, after: Door | undefined, sides: Sides): DoorVerdict {
  if (!after)
    return {
      door: before.name,
      outcome: "removed",
      differences: [{ kind: "door", name: before.name, outcome: "removed" }],
    };
  const commands = compareNames("command", [before.commands, after.commands], sides).filter(
    (each) => !isForRoot(each, sides),
  );
  const differences = [
    ...compareStarted(before, after, sides),
    ...commands,
    ...compareInterpreters([before.interpreters, after.interpreters], commands, sides),
    ...[...before.pythons].flatMap(([word, python]) => {
      const now = after.pythons.get(word);
      if (!now) return [];
      return [
        ...compareNames("module", [python.modules, now.modules], sides, moduleVersion),
        ...compareCode(python.code, now.code, sides),
      ];
    }),
    ...[...before.rs].flatMap(([home, r]) => {
      const now = after.rs.get(home);
      return [
        ...compareNames("r package", [r.packages, now?.packages ?? none], sides, rVersion),
        ...compareCode(r.code, now?.code ?? [], sides),
      ];
    }),
    ...compareNames("library", [before.libraries, after.libraries], sides),
    ...compareNames("preload", [before.preloads, after.preloads], sides).map(asChanged),
    ...compareCode(before.code, after.code, sides),
  ];
  const once = [...new Map(differences.map((each) => [JSON.stringify(each), each])).values()];
  return { door: before.name, outcome: worst(once.map(({ outcome }) => outcome)), differences: once };
}

/** A command line is told by what it starts; other words behind that make it another. */
function compareStarted({ name, started: old }: Door, { started: now }: Door, sides: Sides): NameDifference[] {
  if (!old || !now) return [];
  const programs = [new Map([[old.word, old.program]]), new Map([[old.word, now.program]])] as const;
  const isOther = JSON.stringify(old.words) !== JSON.stringify(now.words);
  return [
    ...compareNames("command", programs, sides),
    ...(isOther
      ? [{ kind: "door" as const, name, outcome: "changed" as const, note: "its command line is another" }]
      : []),
  ];
}

/** Where another user than root is on PATH, the programs of administrators need not be: Debian's login shell leaves them out. */
const isForRoot = ({ outcome, before: found }: NameDifference, { before, after }: Sides): boolean =>
  outcome === "removed" &&
  before.user.uid === 0 &&
  after.user.uid !== 0 &&
  /^\/(?:usr\/(?:local\/)?)?sbin\//.test(found?.path ?? "");

const none: ResolvedNames = new Map();

/** A library that is loaded before all others is no addition: every program meets it. */
const asChanged = (each: NameDifference): NameDifference =>
  each.outcome === "added" ? { ...each, outcome: "changed" } : each;

/**
 * What runs that did not run before, or runs no longer: what comes of it, only a run would tell. What is the same in another place is
 * `moved`.
 */
function compareCode(before: readonly string[], after: readonly string[], sides: Sides): NameDifference[] {
  const old = codeByContent(before, sides.before);
  const now = codeByContent(after, sides.after);
  const moved = new Set([...old.keys()].filter((key) => now.has(key)));
  const place = (view: View, path: string) => ({ path: `/${path}`, layer: view.newestLayer(path) });
  const gone = [...old].flatMap(([key, path]): NameDifference[] => {
    const later = now.get(key);
    const isThere = later === undefined && after.includes(path);
    if (later === path || isThere) return [];
    const outcome = later === undefined ? "undecided" : "moved";
    return [
      {
        kind: "code",
        name: `/${path}`,
        outcome,
        before: place(sides.before, path),
        ...(later !== undefined && { after: place(sides.after, later) }),
      },
    ];
  });
  const fresh = [...now].flatMap(([key, path]): NameDifference[] =>
    moved.has(key)
      ? []
      : [
          {
            kind: "code",
            name: `/${path}`,
            outcome: "undecided",
            ...(before.includes(path) && { before: place(sides.before, path) }),
            after: place(sides.after, path),
          },
        ],
  );
  return [...gone, ...fresh];
}

/** Paths by the names and contents of files. */
const codeByContent = (paths: readonly string[], view: View): Map<string, string> =>
  new Map(paths.map((path) => [`${baseName(path)} ${view.identity(path)}`, path]));
