import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { BaseStatus, BasesSurvey } from "../../status/bases.ts";
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
  const counts = (["moved", "gone"] as const).flatMap((state) => {
    const count = bases.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const asked = `nothing is rebuilt for it unless you ask: image-builder build --push --refresh ${refreshes(bases)}`;
  const closing = counts.length === 0 ? "no base has moved" : `${counts.join(", ")}; ${asked}`;
  return `${table(["BASE", "STATE", "BUILT ON", "NOW", "LAYER", "IMAGES"], rows, style)}${closing}\n`;
}

/** The layers that stand on what has moved. */
const refreshes = (bases: readonly BaseStatus[]): string =>
  [...new Set(bases.filter(({ state }) => state === "moved").flatMap(({ directory }) => directory ?? []))].join(" ") ||
  "science/NAME";

export const basesDocument = ({ bases, problems }: BasesSurvey): object => ({
  formatVersion: 1,
  bases,
  problems: problems.map(diagnosticDocument),
});
