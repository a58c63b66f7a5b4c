import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mayListVariants, recipeNames } from "../catalogue/list.ts";
import { loadCatalogue } from "../catalogue/load.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { settingsFileName } from "../catalogue/settings.ts";
import type { ContextFile } from "../compose/model.ts";
import { withTemporary } from "../disk/temporary.ts";
import { digestBlobs, findCommit, listTree, readBlobs, type TreeFile } from "../git/objects.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";

/** A commit that a label names, and the catalogue as it stood there. */
export interface PastCommit {
  /** Full hash. */
  readonly commit: string;
  /** Number of commits it reaches: the build number. */
  readonly count: number;
  /** Read from the recipes alone; the files of compat layers are not listed. */
  readonly catalogue: Catalogue;
  /** What git has below a layer's directory, as a build would have read it. */
  filesOf(directory: string): Promise<readonly ContextFile[]>;
}

/** The commits of a repository, each read once. */
export class Past {
  readonly #root: string;
  readonly #repo: string;
  readonly #commits = new Map<string, Promise<PastCommit | undefined>>();
  readonly #catalogues = new Map<string, Promise<Catalogue>>();
  readonly #digests = new Map<string, { digest: Digest; size: number }>();

  /** `root`: of the catalogue in the working tree. `repo`: where its images were published, for bases that name it. */
  constructor(root: string, repo: string) {
    this.#root = root;
    this.#repo = repo;
  }

  /** Undefined when this clone has no such commit. Throws `FailedError` when git fails. */
  at(abbreviated: string): Promise<PastCommit | undefined> {
    const known = this.#commits.get(abbreviated) ?? this.#open(abbreviated);
    this.#commits.set(abbreviated, known);
    return known;
  }

  async #open(abbreviated: string): Promise<PastCommit | undefined> {
    const found = await findCommit(this.#root, abbreviated);
    if (!found) return undefined;
    const files = await listTree(this.#root, found.commit, ["science", "compat", settingsFileName]);
    const recipes = files.filter(isRecipe);
    const alone = await this.#catalogueOf(recipes);
    const folders = sharedBy(alone);
    if (folders.length === 0)
      return { ...found, catalogue: alone, filesOf: (directory) => this.#context(files, directory) };
    const outside = folders.filter((each) => !/^(?:science|compat)\//.test(each));
    const all = [...files, ...(outside.length === 0 ? [] : await listTree(this.#root, found.commit, outside))];
    const ignores = all.filter(({ path, type }) => type === "file" && isIgnoreOf(folders, path));
    const catalogue = await this.#catalogueOf([...new Set([...recipes, ...ignores])]);
    return { ...found, catalogue, filesOf: (directory) => this.#context(all, directory) };
  }

  /** Most commits leave most recipes alone; those that change none share what was read. */
  #catalogueOf(recipes: readonly TreeFile[]): Promise<Catalogue> {
    const key = sha256Digest(JSON.stringify(recipes));
    const catalogue = this.#catalogues.get(key) ?? this.#load(recipes);
    this.#catalogues.set(key, catalogue);
    return catalogue;
  }

  async #load(recipes: readonly TreeFile[]): Promise<Catalogue> {
    const texts = await readBlobs(
      this.#root,
      recipes.map(({ blob }) => blob),
      largestText,
    );
    return withTemporary(async (folder) => {
      for (const { path, blob } of recipes) await put(join(folder, path), texts.get(blob));
      return loadCatalogue(folder, { repo: this.#repo });
    });
  }

  async #context(files: readonly TreeFile[], directory: string): Promise<readonly ContextFile[]> {
    const own = files.filter(({ path }) => path.startsWith(`${directory}/`));
    const unread = own.map(({ blob }) => blob).filter((blob) => !this.#digests.has(blob));
    for (const [blob, found] of await digestBlobs(this.#root, unread)) this.#digests.set(blob, found);
    return own.flatMap(({ path, type, mode, blob }) => {
      const content = this.#digests.get(blob);
      const size = type === "symlink" ? 0 : (content?.size ?? 0);
      return content
        ? [{ path: path.slice(directory.length + 1), source: path, type, mode, size, digest: content.digest }]
        : [];
    });
  }
}

/** Every folder that layers share. */
const sharedBy = ({ science, compat }: Catalogue): string[] => [
  ...new Set([...science, ...compat].flatMap(({ contexts = [] }) => contexts.map(({ directory }) => directory))),
];

const isIgnoreOf = (folders: readonly string[], path: string): boolean =>
  folders.some((each) => path === `${each}/.dockerignore`);

/** Bytes; the catalogue reads no larger recipe either. */
const largestText = 4 * 1024 * 1024;

const isRecipe = ({ path, type }: TreeFile): boolean => {
  const [kind = "", , name = "", ...below] = path.split("/");
  const isRecipe = recipeNames.has(name) || (kind === "science" && mayListVariants(name));
  const isOfLayer = /^(?:science|compat)$/.test(kind) && isRecipe && below.length === 0;
  return type === "file" && (path === settingsFileName || isOfLayer);
};

/** git lets no path leave its tree, and a recipe has three parts, so this stays in the folder. */
async function put(file: string, text: Buffer | undefined): Promise<void> {
  if (!text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { flag: "wx" });
}
