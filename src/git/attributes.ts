import { encodePath } from "../oci/path-bytes.ts";
import { gitOrFail, splitNul } from "./process.ts";

/** The checkout filter that `.gitattributes` name for each path, by path; "unspecified" for none. One process for all. */
export async function filtersOf(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const input = Buffer.concat(paths.flatMap((each) => [encodePath(each), Buffer.of(0)]));
  const pieces = splitNul(await gitOrFail(folder, ["check-attr", "-z", "--stdin", "filter"], input));
  return new Map(paths.map((path, at) => [path, pieces[at * 3 + 2]?.toString("utf8") ?? "unspecified"]));
}
