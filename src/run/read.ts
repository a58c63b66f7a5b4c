import type { Catalogue } from "../catalogue/model.ts";
import { type Detected, type DetectOptions, detectChanges } from "../changes/detect.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** What a session reads of files and of git, loaded as one. */
export { loadCatalogue } from "../catalogue/load.ts";
export { openRepository } from "../git/repository.ts";

/** Reading goes on while git works; when it fails, what git says is no longer of interest. */
export async function readState(
  root: string,
  options: DetectOptions,
  load: () => Promise<Catalogue>,
): Promise<{ catalogue: Catalogue; detected: Detected }> {
  const detecting = detectChanges(root, options);
  detecting.catch(() => undefined);
  const catalogue = await load();
  if (hasErrors(catalogue.diagnostics)) throw new RefusedError(catalogue.diagnostics);
  return { catalogue, detected: await detecting };
}
