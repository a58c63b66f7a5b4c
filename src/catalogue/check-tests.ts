import { join } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { printablePath } from "../oci/path-bytes.ts";
import { locateKey } from "./check-compat.ts";
import type { CompatLayer, ScienceLayer } from "./model.ts";
import { statOf } from "./resolve-source.ts";

/** Files of tests that are not in the layer's directory. */
export const checkTests = (root: string, layers: readonly (ScienceLayer | CompatLayer)[]): Diagnostic[] =>
  layers.flatMap((layer) =>
    layer.test.flatMap(({ files = {} }, at) =>
      Object.keys(files).flatMap((path) => fileProblem(root, layer, path, `test.${at}.files.${path}`)),
    ),
  );

function fileProblem(root: string, layer: ScienceLayer | CompatLayer, path: string, key: string): Diagnostic[] {
  const found = statOf(join(root, layer.directory, path));
  if (found?.isDirectory() || found?.isFile()) return [];
  const what = `${layer.directory}/${printablePath(path)}`;
  const place = locateKey(layer, key);
  if (found?.isSymbolicLink()) {
    const message = `${what}, which a test wants, is a link`;
    return [error("missing-test-file", message, { ...place, help: "name the file or folder itself" })];
  }
  return [missingTestFile(`${what}, which a test wants, is not there`, place)];
}

export const missingTestFile = (message: string, place: ReturnType<typeof locateKey>): Diagnostic =>
  error("missing-test-file", message, {
    ...place,
    help: 'add it; "files" has paths of the layer\'s directory before the colon, and paths in the container behind it: { "tests": "/tests" }',
  });
