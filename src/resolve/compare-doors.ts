import type { Door } from "./doors.ts";
import { compareInterpreters } from "./interpreters.ts";
import type { DoorVerdict, NameDifference } from "./model.ts";
import { moduleVersion } from "./modules.ts";
import { compareNames, type ResolvedNames, type Sides } from "./names.ts";
import { worst } from "./outcome.ts";
import { rVersion } from "./r.ts";

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

/** What runs that did not run before, or runs no longer: what comes of it, only a run would tell. */
function compareCode(
  before: readonly string[],
  after: readonly string[],
  { changed, ...sides }: Sides,
): NameDifference[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [...new Set([...before, ...after])].sort().flatMap((path) => {
    if (old.has(path) && now.has(path) && !changed.touches(path)) return [];
    const place = (side: "before" | "after") => ({ path: `/${path}`, layer: sides[side].newestLayer(path) });
    return [
      {
        kind: "code" as const,
        name: `/${path}`,
        outcome: "undecided" as const,
        ...(old.has(path) && { before: place("before") }),
        ...(now.has(path) && { after: place("after") }),
      },
    ];
  });
}
