import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { imageVersion } from "./graph.ts";
import type { Settings } from "./model.ts";
import { settingsFileName } from "./settings.ts";

/** Adoptions that no interface can be built for, and those that are listed twice. */
export function checkAdopted({ adopted }: Settings, known: ReadonlySet<string>): Diagnostic[] {
  const names = adopted.map(imageVersion);
  const homeless = adopted.filter(({ compat }) => !known.has(compat)).map((each) => unknownCompat(each, known));
  const doubled = new Set(names.filter((each, at) => names.indexOf(each) !== at));
  return [...homeless, ...[...doubled].map(listedTwice)];
}

const at = { file: settingsFileName, line: 1, column: 1 };

const unknownCompat = (each: Settings["adopted"][number], known: ReadonlySet<string>): Diagnostic =>
  error(
    "unknown-compat",
    `the adopted ${imageVersion(each)} is to get the compat layer "${each.compat}", which is not there${didYouMean(each.compat, known)}`,
    {
      at,
      help: `name another one in "adopted", or end the adoption: image-builder adopt --undo ${imageVersion(each)}`,
    },
  );

const listedTwice = (name: string): Diagnostic =>
  error("adopted-twice", `${name} is listed twice in "adopted"`, { at, help: "keep one of the entries" });
