import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { objectHashes } from "./objects.ts";
import { git, gitOrFail } from "./process.ts";

/**
 * How a commit lies to another one, the head: `reached` is the head itself or an ancestor of it, `newer` a descendant, `diverged`
 * neither, and `unknown` a commit that this clone does not have, or an abbreviation of several.
 */
export type Ancestry = "reached" | "newer" | "diverged" | "unknown";

/** Answers for all by two processes, and one more for each that the head does not reach. Abbreviated hashes may be asked for. */
export async function ancestriesOf(
  root: string,
  head: string,
  commits: Iterable<string>,
): Promise<Map<string, Ancestry>> {
  const asked = [...new Set(commits)];
  if (asked.every((each) => each === head)) return new Map(asked.map((each) => [each, "reached"]));
  const hashes = await objectHashes(
    root,
    asked.map((each) => (hexadecimal.test(each) ? `${each}^{commit}` : "")),
  );
  const known = [...new Set(hashes.flatMap((each) => each ?? []))];
  const beyond = await notReached(root, head, known);
  const answers = await Promise.all(
    asked.map(async (each, at) => [each, await ancestry(root, head, hashes[at], beyond)] as const),
  );
  return new Map(answers);
}

const hexadecimal = /^[0-9a-f]{7,64}$/;

/** Those of the commits that the head does not reach: what they reach besides is of no interest, and not kept. */
async function notReached(root: string, head: string, commits: readonly string[]): Promise<ReadonlySet<string>> {
  if (commits.length === 0) return new Set();
  const listed = await gitOrFail(root, ["rev-list", "--stdin"], `${commits.join("\n")}\n^${head}\n`);
  const beyond = new Set(listed.toString("latin1").split("\n"));
  return new Set(commits.filter((each) => beyond.has(each)));
}

async function ancestry(
  root: string,
  head: string,
  commit: string | undefined,
  beyond: ReadonlySet<string>,
): Promise<Ancestry> {
  if (commit === undefined) return "unknown";
  if (!beyond.has(commit)) return "reached";
  const { code, stderr } = await git(root, ["merge-base", "--is-ancestor", head, commit]);
  if (code > 1) throw new FailedError([error("git-failed", "git could not answer", { notes: [{ message: stderr }] })]);
  return code === 0 ? "newer" : "diverged";
}
