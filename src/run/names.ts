import { type CatalogueNames, readNames } from "../catalogue/names.ts";
import type { Session } from "./session.ts";

/** A kind of names that may stand in a place of the command line. */
export type NameKind =
  | Exclude<keyof CatalogueNames, "retired">
  /** Image-versions of the past without a definition: what can be adopted. */
  | "orphans"
  /** What `trail` takes without a version. */
  | "singles"
  /** Runs of this clone that published, the newest first. */
  | "runs"
  | "engines"
  /** Branches and tags, and the words that `--since` knows. */
  | "revisions";

/** What can be named on a command line. What cannot be read has no names: nobody wants an error for a key press. */
export async function names(session: Session, kind: NameKind): Promise<readonly string[]> {
  try {
    return await namesOf(session.root, kind);
  } catch {
    return kind === "revisions" ? revisionWords : [];
  }
}

function namesOf(root: string, kind: NameKind): Promise<readonly string[]> | readonly string[] {
  if (kind === "runs") return runs(root);
  if (kind === "revisions") return revisions(root);
  if (kind === "engines") return engines();
  const read = readNames(root);
  if (kind === "orphans") return orphans(root, read);
  return kind === "singles" ? singles(read) : read[kind];
}

async function orphans(root: string, { versions, retired }: CatalogueNames): Promise<string[]> {
  const { pastDefinitions } = await import("../status/history.ts");
  const known = new Set([...versions, ...retired]);
  const past = (await pastDefinitions(root)).map(({ image, version }) => `${image}:${version}`);
  return [...new Set(past)].filter((each) => !known.has(each)).sort();
}

/** Images that have one version, and targets that no image is called like. */
function singles({ images, versions, targets }: CatalogueNames): string[] {
  const single = images.filter((image) => versions.filter((each) => each.startsWith(`${image}:`)).length === 1);
  return [...single, ...targets.filter((each) => !images.includes(each))];
}

async function runs(root: string): Promise<string[]> {
  const [{ openRepository }, { journalFolder, readJournals }] = await Promise.all([
    import("../git/repository.ts"),
    import("../publish/journal.ts"),
  ]);
  const { gitDir } = await openRepository(root, []);
  return (await readJournals(journalFolder(gitDir))).map(({ run }) => run).reverse();
}

async function engines(): Promise<string[]> {
  const { engineTable } = await import("../engines/choice/table.ts");
  return engineTable.map(({ name }) => name);
}

const revisionWords = ["all", "published"];

async function revisions(root: string): Promise<string[]> {
  const { refNames } = await import("../git/refs.ts");
  return [...revisionWords, ...(await refNames(root))];
}
