import type { Ecosystem, ImageFacts, RecordFact } from "./model.ts";

/** A record of packages that an image has. */
export interface FoundRecord {
  readonly path: string;
  readonly layer: number;
  readonly fact: RecordFact;
}

/**
 * What is known of the packages of one ecosystem. `none`: the image never had a record of them. `deleted`: a layer removed the
 * database of a lower one, so that packages may be there which nothing tells of. `read` may still be of no packages.
 */
export interface RecordsState {
  readonly ecosystem: Ecosystem;
  readonly state: "read" | "none" | "deleted" | "unreadable" | "unsupported";
  /** Of a deleted database, and of the layer that deleted it. */
  readonly deleted?: { readonly path: string; readonly layer: number };
  readonly problems: readonly RecordProblem[];
}

export interface RecordProblem {
  readonly path: string;
  readonly layer: number;
  readonly why: string;
}

export function stateOf(ecosystem: Ecosystem, records: readonly FoundRecord[], facts: ImageFacts): RecordsState {
  const own = records.filter(({ fact }) => fact.ecosystem === ecosystem);
  const problems = own.flatMap(problemsOf);
  const kinds = new Set(own.map(({ fact }) => fact.kind));
  if (kinds.has("packages"))
    return { ecosystem, state: "read", problems: [...problems, ...missingLists(ecosystem, own, facts)] };
  if (kinds.has("unsupported")) return { ecosystem, state: "unsupported", problems };
  if (kinds.has("unreadable")) return { ecosystem, state: "unreadable", problems };
  const deleted = isDatabase(ecosystem) ? deletedOf(ecosystem, facts) : undefined;
  return deleted ? { ecosystem, state: "deleted", deleted, problems } : { ecosystem, state: "none", problems };
}

/** Whose packages stand in a database; the others each have a record of their own, which goes with the package. */
const isDatabase = (ecosystem: Ecosystem): boolean => ["deb", "rpm", "apk"].includes(ecosystem);

function problemsOf({ path, layer, fact }: FoundRecord): RecordProblem[] {
  const why = fact.kind === "packages" ? fact.problem : fact.why;
  return why === undefined ? [] : [{ path, layer, why }];
}

function deletedOf(ecosystem: Ecosystem, { history }: ImageFacts): RecordsState["deleted"] {
  for (const [path, events] of history) {
    const last = events.at(-1);
    if (events[0]?.fact?.ecosystem === ecosystem && last) return { path, layer: last.layer };
  }
  return undefined;
}

/** dpkg keeps a list of the files of each package; without them nobody knows which package a file is of. */
function missingLists(ecosystem: Ecosystem, own: readonly FoundRecord[], { index }: ImageFacts): RecordProblem[] {
  const status = own.find(({ path, fact }) => path === "var/lib/dpkg/status" && fact.kind === "packages");
  if (ecosystem !== "deb" || status?.fact.kind !== "packages") return [];
  const isMissing = (name: string): boolean => index.get(`var/lib/dpkg/info/${name}.list`) === undefined;
  const missing = status.fact.packages.filter(
    ({ name, architecture }) => isMissing(name) && isMissing(`${name}:${architecture}`),
  );
  if (missing.length === 0) return [];
  const why = `the lists of files of ${missing.length} of its ${status.fact.packages.length} packages are gone from /var/lib/dpkg/info`;
  return [{ path: status.path, layer: status.layer, why }];
}
