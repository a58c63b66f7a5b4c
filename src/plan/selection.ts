import { posix } from "node:path";
import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";

/** Directories of layers that `--include` and `--ignore` name (B16). */
export interface Selection {
  /** Undefined when nothing is included by name, so that changes decide. */
  readonly included?: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

interface Selected {
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
}

/** Paths are relative to the root, whatever directory the command runs in. Throws `RefusedError` for one that is no layer. */
export function selectLayers(catalogue: Catalogue, { include = [], ignore = [] }: Selected): Selection {
  const directories = [...catalogue.science, ...catalogue.compat].map((each) => each.directory);
  const resolved = [...include, ...ignore].map((path) => ({
    path,
    found: matching(path, catalogue.root, directories),
  }));
  const unknown = resolved
    .filter(({ found }) => found.length === 0)
    .map(({ path }) => unknownDirectory(path, directories));
  if (unknown.length > 0) throw new RefusedError(unknown);
  const pick = (from: number, to: number): Set<string> =>
    new Set(resolved.slice(from, to).flatMap(({ found }) => found));
  const ignored = pick(include.length, resolved.length);
  return include.length === 0 ? { ignored } : { included: pick(0, include.length), ignored };
}

/** `science` alone means all below it. */
function matching(path: string, root: string, directories: readonly string[]): string[] {
  const relative = posix.isAbsolute(path) ? posix.relative(root, path) : posix.normalize(path);
  const plain = relative.replace(/\/+$/, "");
  return directories.filter((each) => plain === "." || each === plain || each.startsWith(`${plain}/`));
}

const unknownDirectory = (path: string, directories: readonly string[]): Diagnostic =>
  error("unknown-directory", `${JSON.stringify(path)} is no layer of this catalogue${didYouMean(path, directories)}`, {
    help: "name directories as seen from the root: science/nist-basic, compat/jupyter, or science for all of them",
  });

/** Says what was dropped. */
export function droppedWarnings({ ignored }: Selection, catalogue: Catalogue): Diagnostic[] {
  if (ignored.size === 0) return [];
  const names = [...ignored].sort();
  const users = catalogue.science
    .filter((each) => ignored.has(each.directory))
    .map((each) => `${each.image} ${each.version}`);
  const message = `${names.join(", ")} ${names.length === 1 ? "is" : "are"} left out because of --ignore`;
  const notes = users.length === 0 ? [] : [{ message: `no build of ${users.join(", ")} is planned` }];
  return [warning("ignored-directories", message, { notes })];
}
