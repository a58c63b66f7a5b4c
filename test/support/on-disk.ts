import { listFiles } from "../../src/catalogue/layer-files.ts";

/** What git would say of these folders if nothing in them were committed: for tests without a repository. */
export const onDisk = (root: string, directories: readonly string[]) => ({
  committed: [],
  files: directories.flatMap((directory) =>
    listFiles(root, directory).map(({ path }) => ({
      path: `${directory}/${path}`,
      status: "added" as const,
      uncommitted: true,
    })),
  ),
});
