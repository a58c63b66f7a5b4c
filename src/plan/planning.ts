import type { ScienceGraph } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { formatStamp } from "../naming/unique-tag.ts";
import type { Reason } from "./model.ts";
import type { Selection } from "./selection.ts";
import type { Stacks } from "./stacks.ts";

export interface PlanOptions {
  /** Plans exactly these directories and what depends on them (B16); nothing else when not empty. */
  readonly include?: readonly string[];
  /** Drops these directories, also as dependents. */
  readonly ignore?: readonly string[];
  /** Keeps the published science image where a change provably cannot reach it (B13). */
  readonly meaningful?: boolean;
  /** Reasons of builds that the registry lacks or holds differently, by id (B31); asked only where the change set says `published`. */
  readonly notPublished?: ReadonlyMap<string, readonly Reason[]>;
}

/** What the parts of the planning share. */
export interface Planning {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
  readonly graph: ScienceGraph;
  readonly stacks: Stacks;
  readonly selection: Selection;
  readonly options: PlanOptions;
}

/** `42-f90dbd6`, the end of every unique tag (B20). */
export const stampOf = ({ head: { count, abbreviated, dirty } }: ChangeSet): string =>
  formatStamp({ count, commit: abbreviated, dirty });

export const tagPair = (repository: string, version: string, changes: ChangeSet): [string, string] => [
  `${repository}:${version}-${stampOf(changes)}`,
  `${repository}:${version}`,
];
