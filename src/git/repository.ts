import { resolve } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { git } from "./process.ts";

/** What git says of the repository that holds a catalogue. */
export interface GitRepository {
  /** Path of the catalogue's root below the repository's, with a slash behind it; "" when they are one. */
  readonly prefix: string;
  /** Absolute; shared by all worktrees. State of runs that must outlive them is kept there. */
  readonly gitDir: string;
  /** Full hashes of the commits that were asked for, in order. */
  readonly commits: readonly string[];
}

/** Asks one git process for everything about the repository, and to resolve revisions. Throws `RefusedError` (B14). */
export async function openRepository(root: string, revisions: readonly string[]): Promise<GitRepository> {
  const asked = revisions.map((each) => `${each}^{commit}`);
  const { code, stdout, stderr } = await git(root, [
    "rev-parse",
    "--is-shallow-repository",
    "--is-inside-work-tree",
    "--git-common-dir",
    "--show-prefix",
    ...asked,
  ]);
  if (/not a git repository/i.test(stderr)) throw new RefusedError([notARepository(root)]);
  if (/dubious ownership/i.test(stderr)) throw new RefusedError([dubiousOwner(stderr)]);
  const [shallow, inside, gitDir = "", prefix = "", ...commits] = stdout.toString("utf8").split("\n");
  if (shallow === "true") throw new RefusedError([shallowClone()]);
  if (inside === "false") throw new RefusedError([notInWorkTree(root)]);
  if (code !== 0) throw new RefusedError([unknownRevision(revisions, commits, stderr)]);
  return { prefix, gitDir: resolve(root, gitDir), commits: commits.slice(0, revisions.length) };
}

export interface HeadCommit {
  /** Full hash. */
  readonly commit: string;
  /** Seven characters, or as many as are needed. */
  readonly abbreviated: string;
  /** Commits reachable from HEAD. */
  readonly count: number;
  /** When it was committed, in seconds since the epoch. */
  readonly committed: number;
  /** Full hash of the first parent; undefined for a first commit. */
  readonly parent?: string;
}

/** HEAD and the number of commits it reaches. Throws `RefusedError` in a repository without a commit. */
export async function readHead(root: string): Promise<HeadCommit> {
  const [shown, counted] = await Promise.all([
    git(root, ["-c", "log.showSignature=false", "log", "-1", "--abbrev=7", "--format=%H%n%h%n%ct%n%P", "HEAD", "--"]),
    git(root, ["rev-list", "--count", "HEAD", "--"]),
  ]);
  if (shown.code !== 0) throw new RefusedError([noCommit(shown.stderr)]);
  const [commit = "", abbreviated = "", committed = "", parents = ""] = shown.stdout.toString("utf8").split("\n");
  const parent = parents.split(" ")[0];
  return {
    commit,
    abbreviated,
    count: Number(counted.stdout.toString("utf8")),
    committed: Number(committed),
    ...(parent ? { parent } : {}),
  };
}

const notARepository = (root: string) =>
  error("not-a-repository", `${root} is not in a git repository, so versions and changes cannot be known`, {
    help: "run it from a clone, or start one: git init && git add . && git commit",
  });

const notInWorkTree = (root: string) =>
  error("not-a-work-tree", `${root} is not in the work tree of its repository, so git compares other files with HEAD`, {
    help: "git config --unset core.worktree, or git config core.bare false, or run it from another clone",
  });

const dubiousOwner = (words: string) =>
  error("foreign-repository", "git refuses to read a repository that belongs to another user", {
    notes: [{ message: words.slice(0, 1000) }],
    help: "run git config --global --add safe.directory DIR, if you trust it",
  });

const shallowClone = () =>
  error("shallow-clone", "this clone is shallow: build numbers and ranges would be wrong", {
    help: "run git fetch --unshallow (in CI: fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab)",
  });

const noCommit = (words: string) =>
  error("no-commit", "the repository has no commit yet, and images are named after commits", {
    notes: [{ message: words.slice(0, 500) }],
    help: "git add . && git commit",
  });

function unknownRevision(revisions: readonly string[], commits: readonly string[], words: string) {
  const missing = revisions[commits.filter((each) => /^[0-9a-f]{40,64}$/.test(each)).length] ?? revisions[0] ?? "HEAD";
  return error("unknown-revision", `git does not know the commit ${JSON.stringify(missing)}`, {
    notes: [{ message: words.split("\n")[0] ?? "" }],
    help: "give --since a commit, a tag or a branch of this clone; git fetch may bring it",
  });
}
