import type { CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { usedFolders } from "../catalogue/read-folders.ts";
import type { ChangedFile } from "../changes/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { layerKey, scienceId } from "../naming/build-id.ts";
import { scienceName } from "../naming/layer-name.ts";
import type { Reason } from "./model.ts";
import type { Changed, Planning } from "./planning.ts";
import { whyUnreached } from "./reach.ts";
import { refreshedLayers } from "./refresh.ts";
import { changesOf } from "./variants.ts";
import { newlyWithdrawn } from "./withdrawn.ts";

/** Finds out which layers are to be built because of `--include`, of the kind of the range, or of a change to their files. */
export function changedLayers(world: Planning): Changed {
  if (world.options.refresh !== undefined) return refreshedLayers(world, world.options.refresh);
  if (world.selection.included !== undefined) return includedLayers(world, world.selection.included);
  const { kind } = world.changes.since;
  if (kind === "all" || kind === "nothing-to-compare") return everyLayer(world, { kind });
  if (kind === "published") return unpublishedLayers(world, world.options.notPublished ?? new Map());
  return filesChanged(world);
}

const nothing = { kept: new Map(), compat: new Map(), builds: new Map(), warnings: [] };

function includedLayers({ catalogue }: Planning, included: ReadonlySet<string>): Changed {
  const reasons: Reason[] = [{ kind: "included" }];
  const science = catalogue.science
    .filter((each) => included.has(each.directory))
    .map((each) => [layerKey(each), reasons] as const);
  const compat = catalogue.compat
    .filter((each) => included.has(each.directory))
    .map((each) => [each.name, reasons] as const);
  return { ...nothing, science: new Map(science), compat: new Map(compat) };
}

function everyLayer({ catalogue }: Planning, reason: Reason): Changed {
  return {
    ...nothing,
    science: new Map(catalogue.science.map((each) => [layerKey(each), [reason]])),
    compat: new Map(catalogue.compat.map((each) => [each.name, [reason]])),
  };
}

function unpublishedLayers({ catalogue }: Planning, missing: ReadonlyMap<string, readonly Reason[]>): Changed {
  const science = catalogue.science.map(layerKey).flatMap((key) => {
    const reasons = missing.get(scienceId(key));
    return reasons === undefined ? [] : [[key, reasons] as const];
  });
  return { ...nothing, science: new Map(science), builds: missing };
}

function filesChanged(world: Planning): Changed {
  const changesIn = changesByFolder(world);
  const compat = world.catalogue.compat.flatMap((layer) => {
    const { name } = layer;
    const files = changesIn(layer).map((each) => each.path);
    return files.length === 0 ? [] : [[name, [{ kind: "compat-changed", layer: name, files }] as Reason[]] as const];
  });
  const judged = world.catalogue.science.flatMap((layer) => judge(world, layer, changesIn(layer)));
  const planned = judged.filter(({ keep }) => !keep).map(({ key, reasons }) => [key, reasons] as const);
  const kept = judged.filter(({ keep }) => keep).map(({ key, reasons }) => [key, reasons] as const);
  return {
    science: new Map(planned),
    kept: new Map(kept),
    compat: new Map(compat),
    builds: newlyWithdrawn(world),
    warnings: judged.flatMap((each) => each.warnings),
  };
}

/** An ignored directory's changes do not count. An untracked folder counts as one path ending in "/". */
function groupByDirectory({ changes, selection }: Planning): ReadonlyMap<string, ChangedFile[]> {
  const groups = new Map<string, ChangedFile[]>();
  for (const file of changes.files) {
    const directory = file.path.split("/", 2).join("/");
    if (selection.ignored.has(directory)) continue;
    const group = groups.get(directory);
    if (group) group.push(file);
    else groups.set(directory, [file]);
  }
  return groups;
}

/**
 * The changes below all that a layer reads: its own directory, and the folders that it shares, which may be anywhere. What is changed
 * there is changed, also where the directory that it lies in is ignored.
 */
function changesByFolder(world: Planning): (layer: ScienceLayer | CompatLayer) => readonly ChangedFile[] {
  const byDirectory = groupByDirectory(world);
  const shared = new Map<string, readonly ChangedFile[]>();
  const changesBelow = (folder: string): readonly ChangedFile[] => {
    const known = shared.get(folder) ?? world.changes.files.filter(({ path }) => isWithin(path, folder));
    shared.set(folder, known);
    return known;
  };
  return (layer) => {
    const own = byDirectory.get(layer.directory) ?? [];
    if (layer.contexts === undefined || world.selection.ignored.has(layer.directory)) return own;
    return [...new Set([...own, ...usedFolders(layer).flatMap(({ directory }) => changesBelow(directory))])];
  };
}

/** A submodule is one path, and an untracked folder is one that ends in "/". */
const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`) || (path.endsWith("/") && folder.startsWith(path));

interface Judged {
  readonly key: string;
  readonly reasons: readonly Reason[];
  readonly keep: boolean;
  readonly warnings: readonly Diagnostic[];
}

function judge(world: Planning, layer: ScienceLayer, changed: readonly ChangedFile[]): Judged[] {
  const files = changesOf(layer, changed);
  if (files.length === 0) return [];
  const key = layerKey(layer);
  const reasons: Reason[] = [{ kind: "files-changed", files: files.map((each) => each.path) }];
  const why = whyUnreached(layer, files, world);
  const keep = why !== undefined && world.options.meaningful === true;
  return [{ key, reasons, keep, warnings: why === undefined ? [] : [unreached(layer, why, keep)] }];
}

function unreached(layer: ScienceLayer, why: readonly string[], keep: boolean): Diagnostic {
  const message = `the change to ${layer.directory} cannot reach its image${layer.variant ? ` ${scienceName(layer)}` : ""} (${why.join("; ")})`;
  const help = keep
    ? "without --meaningful the science image is built again"
    : "with --meaningful the published science image is kept and only its interface is built";
  return warning("unreached-change", message, { at: { file: layer.definition.path, line: 1, column: 1 }, help });
}
