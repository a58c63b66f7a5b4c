import { type Need, wording } from "./needs.ts";

/** `store`: the images stay with the engine, on this machine. */
export type ImageDestination = "registry" | "layout" | "store";

/** What an engine says of itself before anything is opened or asked. */
export interface EngineDeclaration {
  /** As `--engine` and plans have it. */
  readonly name: string;
  /** What problems call it, behind "the". */
  readonly title: string;
  /** Why it makes a build that every engine could make. */
  readonly suits: string;
  /** The one list of what it can do; the engine itself has the same. */
  readonly takes: ReadonlySet<Need>;
  /** Where it can put images. */
  readonly reaches: readonly ImageDestination[];
  /** Destinations in which it finds the images of other engines, to build on them. */
  readonly readsParentsFrom: readonly ImageDestination[];
  /** True when it can copy from stages that another engine carried out, once for all images. */
  readonly splitsStages: boolean;
}

const everything = Object.keys(wording) as Need[];

const without = (...left: Need[]): ReadonlySet<Need> => new Set(everything.filter((each) => !left.includes(each)));

const assemble = {
  name: "assemble",
  title: "embedded engine",
  suits: "nothing has to run",
  takes: without(
    "run",
    "copy-parents",
    "add-url",
    "add-git",
    "add-checksum",
    "add-keep-git-dir",
    "unknown-syntax",
    "other-platform",
    "foreign-archive",
    "tests",
  ),
  reaches: ["registry", "layout"],
  readsParentsFrom: ["registry", "layout"],
  splitsStages: true,
} satisfies EngineDeclaration;

const docker = {
  name: "docker",
  title: "docker engine",
  suits: "docker takes everything",
  takes: without("declared", "untriggered"),
  reaches: ["registry", "layout", "store"],
  readsParentsFrom: ["registry", "store"],
  splitsStages: false,
} satisfies EngineDeclaration;

/** By name, the preferred one first. `run/engines.ts` opens them. */
export const declarations = { assemble, docker };

export const engineTable: readonly EngineDeclaration[] = Object.values(declarations);

export type EngineName = keyof typeof declarations;
