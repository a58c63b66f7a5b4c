import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { BaseStatus, BasesSurvey } from "../../lineage/index.ts";
import { shortDigest, table } from "./table.ts";

/** One row for each build of a science layer that stands on an image of others. */
export function basesText(bases: readonly BaseStatus[], style: Style): string {
  if (bases.length === 0) return "no published science image names a base of others\n";
  const rows = bases.map((each) => [
    each.base ?? "-",
    { text: each.state, paint: each.state === "moved" || each.state === "gone" ? style.yellow : style.green },
    shortDigest(each.built),
    shortDigest(each.now),
    each.target,
    each.images.join(", "),
  ]);
  const moved = bases.filter(({ state }) => state === "moved").length;
  const closing =
    moved === 0
      ? "no base has moved"
      : `${moved} bases have moved; nothing is rebuilt for it unless you ask: build --include science/NAME`;
  return `${table(["BASE", "STATE", "BUILT ON", "NOW", "LAYER", "IMAGES"], rows, style)}${closing}\n`;
}

export const basesDocument = ({ bases, problems }: BasesSurvey): object => ({
  formatVersion: 1,
  bases,
  problems: problems.map(diagnosticDocument),
});
