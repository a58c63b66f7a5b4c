import { type FormerDefinition, formerDefinitions } from "../catalogue/former.ts";
import { definitionName } from "../catalogue/list.ts";
import type { Catalogue, SourceText } from "../catalogue/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import {
  askStatus,
  catalogueFiles,
  type Difference,
  differencesBetween,
  readStatus,
  type WorkingTree,
} from "../git/differences.ts";
import { listIndex } from "../git/index-entries.ts";
import { type GitRepository, type HeadCommit, openRepository, readHead } from "../git/repository.ts";
import { comparePaths } from "../oci/path-bytes.ts";
import { type Checkout, inspectCheckout } from "./checkout.ts";
import { formerBlobs, readTexts } from "./former-texts.ts";
import type { ChangedFile, ChangeSet, Since } from "./model.ts";
import { isNoCommit, parseSince, type SinceRequest } from "./range.ts";
import { judgeRecipes } from "./recipes.ts";

export interface DetectOptions {
  /** `--since`; the parent of HEAD when undefined. */
  readonly since?: string;
  /** Counts files that git does not track. */
  readonly untracked?: boolean;
}

/** A change set, and where the repository's state lies. */
export interface Detected {
  readonly changes: ChangeSet;
  readonly repository: GitRepository;
  /** Texts of recipes as HEAD has them, by path, where the working tree has others that git takes for the same. */
  readonly converted: ReadonlyMap<string, string>;
}

/**
 * Asks git what changed, in at most seven processes whatever the number of layers, and one for each submodule that is a layer.
 * `recipes` tells what was read of the catalogue, so that both can be read side by side. Throws `RefusedError` (B14, B40, unknown
 * revisions, no repository). `shared`: folders that layers share, outside of `science/` and `compat/`.
 */
export async function detectChanges(
  root: Catalogue["root"],
  options: DetectOptions,
  recipes: () => Promise<readonly SourceText[]> = async () => [],
  shared: readonly string[] = [],
): Promise<Detected> {
  const request = parseSince(options.since);
  const counted = options.untracked ?? false;
  const asked = ask(root, request, counted, [...catalogueFiles, ...shared]);
  const repository = await asked.repository;
  const head = await asked.head;
  const since = sinceOf(request, repository, head);
  const tree = readStatus(await asked.status, repository.prefix);
  const checkout = inspectCheckout(root, await asked.index, tree);
  const read = await recipes();
  const judged = await judgeRecipes(root, read, checkout);
  const uncommitted = [...checkout.uncommitted, ...judged.added, ...(counted ? addedFiles(tree) : [])];
  const differences = merge(since.kind === "git" ? await asked.committed : [], uncommitted);
  const texts = await readTexts(root, [...formerBlobs(differences), ...judged.converted]);
  const changes = assemble(
    since,
    head,
    differences,
    texts,
    tree,
    checkout,
    counted,
    new Map(read.map(({ path, text }) => [path, text])),
  );
  return { repository, changes, converted: textsOf(judged.converted, texts) };
}

const textsOf = (files: readonly { path: string; blob: string }[], texts: ReadonlyMap<string, string>) =>
  new Map(files.flatMap(({ path, blob }) => (texts.has(blob) ? [[path, texts.get(blob) as string] as const] : [])));

/** All questions at once: git answers while the catalogue is read. What is wrong is told in the order in which it is awaited. */
function ask(root: string, request: SinceRequest, counted: boolean, paths: readonly string[]) {
  const asked = {
    repository: openRepository(root, revisionsOf(request)),
    head: readHead(root),
    committed: committedChanges(root, request, paths),
    status: askStatus(root, counted, paths),
    index: listIndex(root, paths),
  };
  for (const answer of Object.values(asked)) answer.catch(() => undefined);
  return asked;
}

const revisionsOf = (request: SinceRequest): string[] =>
  request.kind === "range" ? [request.from, request.to].filter((each) => !isNoCommit(each)) : [];

async function committedChanges(root: string, request: SinceRequest, paths: readonly string[]): Promise<Difference[]> {
  if (request.kind === "parent") return differencesBetween(root, "HEAD^", "HEAD", paths);
  if (request.kind !== "range" || isNoCommit(request.from)) return [];
  return differencesBetween(root, request.from, request.to, paths);
}

function sinceOf(request: SinceRequest, { commits }: GitRepository, head: HeadCommit): Since {
  if (request.kind === "all" || request.kind === "published") return { kind: request.kind };
  if (request.kind === "parent") {
    return head.parent === undefined
      ? { kind: "nothing-to-compare", why: `${head.abbreviated} is the first commit` }
      : { kind: "git", range: "HEAD^..HEAD", base: head.parent };
  }
  if (isNoCommit(request.from)) return { kind: "nothing-to-compare", why: "the range starts before the first commit" };
  return { kind: "git", range: request.text, base: commits[0] as string };
}

const addedFiles = ({ untracked }: WorkingTree): Difference[] =>
  untracked.map((path) => ({ path, status: "added" as const }));

type Merged = Difference & { readonly uncommitted: boolean };

/** Each path once; what git knew at the start of the range counts as its former content. */
function merge(committed: readonly Difference[], uncommitted: readonly Difference[]): Merged[] {
  const byPath = new Map<string, Merged>(committed.map((each) => [each.path, { ...each, uncommitted: false }]));
  for (const each of uncommitted) {
    const earlier = byPath.get(each.path);
    byPath.set(each.path, { ...each, ...(earlier?.blob !== undefined && { blob: earlier.blob }), uncommitted: true });
  }
  return [...byPath.values()].sort((a, b) => comparePaths(a.path, b.path));
}

function assemble(
  since: Since,
  commit: HeadCommit,
  differences: readonly Merged[],
  texts: ReadonlyMap<string, string>,
  tree: WorkingTree,
  { committed }: Checkout,
  untracked: boolean,
  known: ReadonlyMap<string, string>,
): ChangeSet {
  const { parent: _, ...head } = commit;
  const files = differences.map((each): ChangedFile => {
    const { path, status, uncommitted, submodule } = each;
    const before = formerBlobs([each]).flatMap(({ blob }) => texts.get(blob) ?? [])[0];
    return { path, status, uncommitted, ...(submodule && { submodule }), ...(before !== undefined && { before }) };
  });
  const left = untracked ? [] : tree.untracked;
  return {
    since,
    head: { ...head, dirty: differences.some((each) => each.uncommitted) },
    files,
    committed,
    untracked: [...left, ...tree.ignored].sort(comparePaths),
    formerDefinitions: formerDefinitionsOf(files, known),
    warnings: left.length === 0 ? [] : [leftOut(left)],
  };
}

/** Of each layer whose definition, or whose list of variants, is not what it was. `known`: texts that were read, by path. */
function formerDefinitionsOf(files: readonly ChangedFile[], known: ReadonlyMap<string, string>): FormerDefinition[] {
  const changed = new Map(files.map((each) => [each.path, each]));
  const textThen = (path: string): string | undefined => (changed.get(path) ?? { before: known.get(path) }).before;
  const directories = files.flatMap(({ path }) => /^(science\/[^/]+)\/[^/]+\.json$/.exec(path)?.[1] ?? []);
  return [...new Set(directories)].flatMap((directory) => {
    const text = textThen(`${directory}/${definitionName}`);
    return text === undefined ? [] : formerDefinitions(directory, text, (name) => textThen(`${directory}/${name}`));
  });
}

function leftOut(paths: readonly string[]): Diagnostic {
  const shown = paths.slice(0, 3).join(", ");
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return warning("untracked-files", `git does not track ${shown}${more}; builds leave them out`, {
    help: "git add them, or count them with --untracked",
  });
}
