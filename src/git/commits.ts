import { decodePath } from "../oci/path-bytes.ts";
import { git, gitOrFail, splitNul } from "./process.ts";

/** A commit as people read it. */
export interface CommitFacts {
  readonly hash: string;
  readonly abbreviated: string;
  /** RFC 3339, of the committer. */
  readonly date: string;
  readonly subject: string;
}

export interface CommitWithFiles extends CommitFacts {
  /** Paths relative to the catalogue's root. */
  readonly files: readonly string[];
}

const form = "--format=commit %H%x00%h%x00%cI%x00%s";
const quiet = [
  "-c",
  "log.showSignature=false",
  "log",
  "-z",
  "--abbrev=7",
  "--no-ext-diff",
  "--ignore-submodules=none",
  form,
];

/** Facts of commits by full hash, all by one process. */
export async function describeCommits(root: string, hashes: readonly string[]): Promise<Map<string, CommitFacts>> {
  if (hashes.length === 0) return new Map();
  const bytes = await gitOrFail(root, [...quiet, "--no-walk=unsorted", ...hashes, "--"]);
  return new Map(readRecords(bytes).map((each) => [each.hash, withoutFiles(each)]));
}

/** Older ones are left out. */
const mostCommits = 1000;

/** Commits of HEAD that a commit does not reach and that touch one of the directories, the newest first, with those files. */
export async function commitsSince(
  root: string,
  commit: string,
  directories: readonly string[],
): Promise<CommitWithFiles[]> {
  const what = ["--name-only", "--no-renames", "--no-merges", "--relative", `--max-count=${mostCommits}`];
  const literal = directories.map((each) => `:(literal)${each}`);
  const { code, stdout } = await git(root, [...quiet, ...what, `${commit}..HEAD`, "--", ...literal]);
  return code === 0 ? readRecords(stdout) : [];
}

/** A record begins with `commit` and a hash, which no path of a layer does; behind its four fields come its files. */
function readRecords(bytes: Buffer): CommitWithFiles[] {
  const records: { fields: string[]; files: string[] }[] = [];
  for (const piece of splitNul(bytes)) {
    const record = records.at(-1);
    const [, hash] = /^\n?commit ([0-9a-f]{40,64})$/.exec(piece.toString("latin1")) ?? [];
    if (hash !== undefined) {
      records.push({ fields: [hash], files: [] });
    } else if (record && record.fields.length < 4) record.fields.push(piece.toString("utf8"));
    else if (record) record.files.push(decodePath(withoutLineEnd(piece)));
  }
  return records.map(({ fields: [hash = "", abbreviated = "", date = "", subject = ""], files }) => ({
    hash,
    abbreviated,
    date,
    subject,
    files: files.filter((each) => each !== ""),
  }));
}

/** The first file of a record has a line end before it. */
const withoutLineEnd = (piece: Buffer): Buffer => (piece[0] === 0x0a ? piece.subarray(1) : piece);

const withoutFiles = ({ hash, abbreviated, date, subject }: CommitWithFiles): CommitFacts => ({
  hash,
  abbreviated,
  date,
  subject,
});

const nothing = /^0+$/;

/**
 * Path by hash of every content that HEAD's history ever had there, the newest first. The pathspec is read from the folder that git
 * runs in.
 */
export async function blobsInHistory(root: string, pathspec: string): Promise<Map<string, string>> {
  const form = ["--format=", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--relative"];
  const bytes = await gitOrFail(root, [
    "-c",
    "log.showSignature=false",
    "log",
    "--full-history",
    ...form,
    "HEAD",
    "--",
    pathspec,
  ]);
  const entry = /:\d{6} \d{6} ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]\d*\0([^\0]+)/g;
  const found = new Map<string, string>();
  for (const [, before = "", after = "", path = ""] of bytes.toString("latin1").matchAll(entry))
    for (const blob of [after, before])
      if (!nothing.test(blob) && !found.has(blob)) found.set(blob, decodePath(Buffer.from(path, "latin1")));
  return found;
}
