import { gitOrFail } from "./process.ts";

/** Branches and tags of this clone by their short names, branches first. Throws `FailedError` where there is no repository. */
export async function refNames(root: string): Promise<string[]> {
  const listed = await gitOrFail(root, ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags"]);
  return listed.toString("utf8").split("\n").filter(Boolean);
}
