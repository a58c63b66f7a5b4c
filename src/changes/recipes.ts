import { join } from "node:path";
import type { SourceText } from "../catalogue/model.ts";
import { blobHash } from "../git/blob-hash.ts";
import type { Difference } from "../git/differences.ts";
import { type IndexEntry, listIndex } from "../git/index-entries.ts";
import type { Checkout } from "./checkout.ts";

/** Recipes, which say how to build, held against what git has of them. */
interface JudgedRecipes {
  /** Read, and in no commit. */
  readonly added: readonly Difference[];
  /** Files that git takes for HEAD's although their bytes are others, as after a conversion of line ends. */
  readonly converted: readonly ConvertedFile[];
}

export interface ConvertedFile {
  readonly path: string;
  readonly blob: string;
  /** Of the repository that has the blob, relative to the root: "" or a submodule. */
  readonly repository: string;
}

/** Asks one process more for each submodule that holds a layer. */
export async function judgeRecipes(
  root: string,
  recipes: readonly SourceText[],
  { committed, uncommitted }: Checkout,
): Promise<JudgedRecipes> {
  const entries = new Map(committed.map((each) => [each.path, each]));
  const changed = new Set(uncommitted.map(({ path }) => path));
  const submodules = new Map<string, Map<string, IndexEntry>>();
  const added: Difference[] = [];
  const converted: ConvertedFile[] = [];
  for (const recipe of recipes.filter(({ path }) => !changed.has(path))) {
    const { path } = recipe;
    const repository = submoduleOf(path, entries, changed);
    if (repository === undefined) continue;
    const known = repository === "" ? entries : await indexOf(root, repository, submodules);
    const entry = known.get(repository === "" ? path : path.slice(repository.length + 1));
    if (entry === undefined) added.push({ path, status: "added" });
    else if (!isOf(recipe, entry)) converted.push({ path, blob: entry.hash, repository });
  }
  return { added, converted };
}

const isOf = ({ text }: SourceText, { hash }: IndexEntry): boolean => blobHash(Buffer.from(text), hash) === hash;

/** The submodule that a path is below, "" for none; undefined where that submodule is changed, so that nothing is to be said. */
function submoduleOf(
  path: string,
  entries: ReadonlyMap<string, IndexEntry>,
  changed: ReadonlySet<string>,
): string | undefined {
  const names = path.split("/");
  const above = names.slice(1).map((_, at) => names.slice(0, at + 1).join("/"));
  if (above.some((each) => changed.has(each))) return undefined;
  return above.find((each) => entries.get(each)?.kind === "submodule") ?? "";
}

async function indexOf(root: string, submodule: string, known: Map<string, Map<string, IndexEntry>>) {
  const listed =
    known.get(submodule) ??
    new Map((await listIndex(join(root, submodule), ["."])).map((entry) => [entry.path, entry]));
  known.set(submodule, listed);
  return listed;
}
