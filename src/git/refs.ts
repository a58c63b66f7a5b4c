import { git, gitOrFail } from "./process.ts";

/** Branches and tags of this clone by their short names, branches first. Throws `FailedError` where there is no repository. */
export async function refNames(root: string): Promise<string[]> {
  const listed = await gitOrFail(root, ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags"]);
  return listed.toString("utf8").split("\n").filter(Boolean);
}

/** The branch that the remote `origin` begins with, as this clone knows it; undefined where it does not. */
export async function remoteBranch(root: string): Promise<string | undefined> {
  const { code, stdout } = await git(root, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
  const name = stdout.toString("utf8").trim();
  return code === 0 && name.startsWith("origin/") ? name.slice("origin/".length) : undefined;
}
