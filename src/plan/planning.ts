import { dayOf, furtherTags } from "../catalogue/further-tags.ts";
import type { ScienceGraph } from "../catalogue/graph.ts";
import type { Catalogue, ScienceLayer } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { formatStamp } from "../naming/unique-tag.ts";
import type { PlannedBuild, Reason } from "./model.ts";
import type { Selection } from "./selection.ts";
import type { Stacks } from "./stacks.ts";

export interface PlanOptions {
  /** Plans exactly these directories and what depends on them (B16); nothing else when not empty. */
  readonly include?: readonly string[];
  /** Drops these directories, also as dependents. */
  readonly ignore?: readonly string[];
  /** Keeps the published science image where a change provably cannot reach it (B13). */
  readonly meaningful?: boolean;
  /** Builds these anew although nothing changed, with what stands on them, and nothing else (B52). */
  readonly refresh?: Refresh;
  /** Reasons of builds that the registry lacks or holds differently, by id (B31); asked only where the change set says `published`. */
  readonly notPublished?: ReadonlyMap<string, readonly Reason[]>;
}

export interface Refresh {
  /** Directories of layers, and image-versions or images whose interface is meant: `nist-basic:1.0`, `nist-basic`. */
  readonly what: readonly string[];
  /** Ends the unique tags, so that they are new; from 1. */
  readonly number: number;
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
export const stampOf = ({ changes: { head }, options: { refresh } }: Pick<Planning, "changes" | "options">): string =>
  formatStamp({
    count: head.count,
    commit: head.abbreviated,
    dirty: head.dirty,
    ...(refresh && { refresh: refresh.number }),
  });

export const tagPair = (
  repository: string,
  version: string,
  world: Pick<Planning, "changes" | "options">,
): [unique: string, stable: string] => [`${repository}:${version}-${stampOf(world)}`, `${repository}:${version}`];

/** With the further tags of an image-version, where its final layer says so; `{date}` is the day of HEAD's commit. */
export const tagsWithFurther = (
  repository: string,
  layer: Pick<ScienceLayer, "tags" | "version">,
  world: Pick<Planning, "changes" | "options">,
): PlannedBuild["tags"] => [
  ...tagPair(repository, layer.version, world),
  ...furtherTags(layer, dayOf(world.changes.head.committed)).map((tag) => `${repository}:${tag}`),
];

/** What is to be built for its own sake, before dependents. */
export interface Changed {
  /** Reasons by key of the layer (`layerKey`). */
  readonly science: ReadonlyMap<string, readonly Reason[]>;
  /** Reasons of compat builds that come from their science layer's directory although its image is kept, by key. */
  readonly kept: ReadonlyMap<string, readonly Reason[]>;
  /** Reasons by name of the compat layer. */
  readonly compat: ReadonlyMap<string, readonly Reason[]>;
  /** Reasons of compat builds of their own, by id of the build. */
  readonly builds: ReadonlyMap<string, readonly Reason[]>;
  readonly warnings: readonly Diagnostic[];
}
