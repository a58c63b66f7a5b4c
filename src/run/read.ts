import { recipesOf } from "../catalogue/load.ts";
import type { Catalogue, SourceText } from "../catalogue/model.ts";
import type { TextFiles } from "../catalogue/read-text.ts";
import { sharedPaths } from "../catalogue/shared-folders.ts";
import { type Detected, type DetectOptions, detectChanges } from "../changes/detect.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** What a session reads of files and of git, loaded as one. */
export { loadCatalogue } from "../catalogue/load.ts";
export { openRepository } from "../git/repository.ts";

/** A catalogue and what git says of it. */
interface State {
  readonly catalogue: Catalogue;
  readonly detected: Detected;
}

/**
 * Reading goes on while git works. `texts` gets what was read before git was asked, for `load` not to read it again. `load` reads the catalogue; given what git has in place of converted texts, it reads it again.
 */
export async function readState(
  root: string,
  options: DetectOptions,
  texts: Map<string, SourceText>,
  load: (converted?: TextFiles["converted"]) => Promise<Catalogue>,
): Promise<State> {
  const detecting = detectChanges(root, options, async () => recipesOf(await load()), sharedPaths(root, texts));
  detecting.catch(() => undefined);
  const catalogue = await load();
  if (hasErrors(catalogue.diagnostics)) throw await refusal(catalogue, detecting);
  const detected = await detecting;
  return detected.converted.size === 0
    ? { catalogue, detected }
    : { catalogue: refuseErrors(await load(detected.converted)), detected };
}

/** Where files are missing because git did not check them out, that is told first: what else is wrong follows from it. */
const refusal = async ({ diagnostics }: Catalogue, detecting: Promise<Detected>): Promise<RefusedError> =>
  detecting.then(
    () => new RefusedError(diagnostics),
    (cause) => new RefusedError([...(cause instanceof RefusedError ? cause.diagnostics : []), ...diagnostics]),
  );

function refuseErrors(catalogue: Catalogue): Catalogue {
  if (hasErrors(catalogue.diagnostics)) throw new RefusedError(catalogue.diagnostics);
  return catalogue;
}
