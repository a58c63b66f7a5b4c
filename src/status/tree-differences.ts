import type { ChangedFile } from "../changes/model.ts";
import type { Difference } from "../git/differences.ts";
import { readBlobs } from "../git/objects.ts";
import { type TreePair, treeDifferences } from "../git/tree-differences.ts";

/** What differs between the directories of each pair, by one process for all pairs and one for former texts. */
export async function changedFiles(
  root: string,
  pairs: readonly TreePair[],
  wantsText: (path: string) => boolean,
): Promise<readonly (readonly ChangedFile[])[]> {
  const differences = await treeDifferences(root, pairs);
  const wanted = differences.flat().flatMap(({ path, blob }) => (blob && wantsText(path) ? [blob] : []));
  const texts = await readBlobs(root, wanted, largestText);
  return differences.map((each) => each.map((difference) => changedFile(difference, wantsText, texts)));
}

/** Bytes. */
const largestText = 4 * 1024 * 1024;

function changedFile(
  { path, status, submodule, blob = "" }: Difference,
  wantsText: (path: string) => boolean,
  texts: ReadonlyMap<string, Buffer>,
): ChangedFile {
  const text = wantsText(path) ? texts.get(blob)?.toString("utf8") : undefined;
  return {
    path,
    status,
    uncommitted: false,
    ...(submodule && { submodule }),
    ...(text !== undefined && { before: text }),
  };
}
