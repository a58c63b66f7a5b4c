import { locateKey } from "../catalogue/check-compat.ts";
import { missingTestFile } from "../catalogue/check-tests.ts";
import type { CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { ContextFile, ImageTest, TestFile } from "./model.ts";

/**
 * The tests of a layer. `all`: everything that git has of its directory; what an ignore file keeps out of the build is there too.
 * Throws `RefusedError` for a file that git does not have.
 */
export const imageTests = (layer: ScienceLayer | CompatLayer, all: readonly ContextFile[]): ImageTest[] =>
  layer.test.map(({ files = {}, ...test }, at) => ({
    ...test,
    files: Object.entries(files).flatMap(([source, target]) =>
      filesAt(source.replace(/\/$/, ""), target, all, () => untracked(layer, source, at)),
    ),
    place: locateKey(layer, `test.${at}`),
  }));

function filesAt(source: string, target: string, all: readonly ContextFile[], missing: () => never): TestFile[] {
  const place = target.replace(/\/+$/, "");
  const single = all.find(({ path }) => path === source);
  if (single !== undefined) {
    const path = place === target ? target : `${target}${source.slice(source.lastIndexOf("/") + 1)}`;
    return [{ path, file: single }];
  }
  const below = source === "." ? "" : `${source}/`;
  const found = all.filter(({ path, type }) => path.startsWith(below) && type !== "directory");
  // A layer has its own definition at least: without a single file nobody has looked, as for a plan that only names engines.
  if (found.length === 0 && all.length > 0) missing();
  return found.map((file) => ({ path: `${place}/${file.path.slice(below.length)}`, file }));
}

function untracked(layer: ScienceLayer | CompatLayer, source: string, at: number): never {
  const place = locateKey(layer, `test.${at}.files.${source}`);
  throw new RefusedError([
    missingTestFile(`git has nothing of ${layer.directory}/${source}, which a test wants`, place),
  ]);
}
