import { readJson } from "../catalogue/json.ts";
import { definitionName, dockerfileName, ignoreNames } from "../catalogue/list.ts";
import type { Catalogue, ScienceLayer, SharedFolder } from "../catalogue/model.ts";
import { usedFolders } from "../catalogue/read-folders.ts";
import type { ChangedFile, ChangeSet } from "../changes/model.ts";
import { type ContextRead, contextReads, mayRead, readsFrom, triggerReads } from "../dockerfile/context-reads.ts";
import { usesForeignFrontend } from "../dockerfile/directives.ts";
import { sameInstructions } from "../dockerfile/equality.ts";
import { type IgnoreMatcher, matcherOf } from "../dockerfile/ignore.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { reachingKeys, sameKeys } from "./variants.ts";

/** What decides beside a layer's own files which of them its build reads. */
interface Surroundings {
  readonly catalogue: Pick<Catalogue, "science">;
  readonly changes: Pick<ChangeSet, "committed">;
}

/**
 * Why none of a layer's changes can reach its image, one sentence part for each kind of change (B13); undefined when
 * one of them can, or when that cannot be proven (B41).
 */
export function whyUnreached(
  layer: ScienceLayer,
  files: readonly ChangedFile[],
  surroundings: Surroundings,
): string[] | undefined {
  const reasons = new Set<string>();
  const dockerfile = parseDockerfile(layer.dockerfile.text);
  const world: World = {
    isForeign: usesForeignFrontend(dockerfile),
    reads: readsOf(layer, dockerfile, surroundings),
    ignored: layer.ignore && matcherOf(layer.ignore),
    folders: usedFolders(layer).map((folder) => sharedReads(folder, dockerfile, surroundings)),
  };
  for (const file of files) {
    const why = isListOf(layer, file) ? whyVariantUnreached(layer, files) : whyFileUnreached(layer, file, world);
    if (why === undefined) return undefined;
    reasons.add(why);
  }
  return [...reasons];
}

const isListOf = ({ variant, definition }: ScienceLayer, { path, submodule }: ChangedFile): boolean =>
  submodule !== true && variant !== undefined && (path === definition.path || path === variant.source.path);

const whyVariantUnreached = (layer: ScienceLayer, files: readonly ChangedFile[]): string | undefined =>
  sameKeys(layer, files) ? unreadKeys : undefined;

const unreadKeys = "only keys of the definition that no build reads";

interface World {
  /** Something else than BuildKit's own frontend reads the Dockerfile. */
  readonly isForeign: boolean;
  /** Undefined when it is not known what is read. */
  readonly reads: readonly ContextRead[] | undefined;
  readonly ignored: IgnoreMatcher | undefined;
  readonly folders: readonly SharedReads[];
}

/** What is read of a folder that layers share; as in `World`. */
interface SharedReads extends Pick<World, "reads" | "ignored"> {
  readonly directory: string;
  readonly ignoreFile: string | undefined;
}

function sharedReads(
  { name, directory, ignore }: SharedFolder,
  dockerfile: Dockerfile,
  { changes }: Surroundings,
): SharedReads {
  return {
    directory,
    ignoreFile: ignore?.path,
    reads: isLedAstray(changes, directory) ? undefined : readsFrom(dockerfile, name),
    ignored: ignore && matcherOf(ignore),
  };
}

/**
 * A link or a submodule in the context may lead a read anywhere in it, and what triggers (ONBUILD) a base brings is known only of
 * layers of this catalogue and of `scratch`: planning asks no registry.
 */
function readsOf(
  { directory, bases }: ScienceLayer,
  dockerfile: Dockerfile,
  { catalogue, changes }: Surroundings,
): readonly ContextRead[] | undefined {
  const isLed = isLedAstray(changes, directory);
  const reads = [...contextReads(dockerfile)];
  for (const { via, source } of bases) {
    if (via !== "from" || source.kind === "scratch") continue;
    const target = source.kind === "parent" ? source.target : undefined;
    const parent = catalogue.science.find((each) => each.target === target);
    if (parent === undefined) return undefined;
    reads.push(...triggerReads(parseDockerfile(parent.dockerfile.text)));
  }
  return isLed && reads.length > 0 ? undefined : reads;
}

const isLedAstray = ({ committed }: Surroundings["changes"], directory: string): boolean =>
  committed.some(({ kind, path }) => leading.has(kind) && `${path}/`.startsWith(`${directory}/`));

const leading: ReadonlySet<string> = new Set(["symlink", "submodule"]);

/** A file that is read in more than one way, in the layer's own directory or in those that it shares, must be out of reach in each. */
function whyFileUnreached(layer: ScienceLayer, file: ChangedFile, world: World): string | undefined {
  if (world.folders.length === 0) return whyOwnUnreached(layer, file, world);
  const isOwn = file.path.startsWith(`${layer.directory}/`);
  const folders = world.folders.filter(({ directory }) => isBelow(file.path, directory));
  const reasons = [
    ...(isOwn ? [whyOwnUnreached(layer, file, world)] : []),
    ...folders.map((folder) => whySharedUnreached(folder, file, world)),
  ];
  return reasons.includes(undefined) ? undefined : reasons[0];
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

function whySharedUnreached(folder: SharedReads, file: ChangedFile, { isForeign }: World): string | undefined {
  const { directory, reads, ignored, ignoreFile } = folder;
  const path = file.path.slice(directory.length + 1);
  if (isForeign || file.submodule || path === "" || path.endsWith("/") || path === ".dockerignore") return undefined;
  if (ignored?.matches(path)) return `${ignoreFile} drops the file`;
  return reads === undefined || reads.some((read) => mayRead(read, path)) ? undefined : "no instruction reads the file";
}

function whyOwnUnreached(layer: ScienceLayer, file: ChangedFile, world: World): string | undefined {
  const path = file.path.slice(layer.directory.length + 1);
  const { isForeign, reads, ignored } = world;
  if (isForeign || file.submodule || path === "" || path.endsWith("/")) return undefined;
  if (path === dockerfileName)
    return file.before !== undefined && sameInstructions(file.before, layer.dockerfile.text)
      ? "only comments or white space of the Dockerfile"
      : undefined;
  if (path === definitionName) return whyDefinitionUnreached(layer, file);
  if (ignoreNames.includes(path)) return reads?.length === 0 ? "no instruction reads the build context" : undefined;
  if (ignored?.matches(path)) return `${layer.ignore?.path.split("/").at(-1)} drops the file`;
  return reads === undefined || reads.some((read) => mayRead(read, path)) ? undefined : "no instruction reads the file";
}

function whyDefinitionUnreached(layer: ScienceLayer, { before }: ChangedFile): string | undefined {
  if (before === undefined) return undefined;
  const [was, is] = [before, layer.definition.text].map((text) => readJson({ path: layer.definition.path, text }));
  if (was === undefined || is === undefined || was.diagnostics.length > 0) return undefined;
  const same = reachingKeys(layer).every((key) => spelled(was, key) === spelled(is, key));
  return same ? unreadKeys : undefined;
}

const spelled = ({ value, spellings }: ReturnType<typeof readJson>, key: string): string | undefined =>
  spellings[key] ?? JSON.stringify((value as Record<string, unknown> | null)?.[key]);
