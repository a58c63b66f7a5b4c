import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { HistoryAnswer } from "../../run/history.ts";
import type { ImageHistory } from "../../trail/history.ts";
import { rolledBackText } from "./status.ts";
import { minutes, table } from "./table.ts";

/** A table for each image-version, the newest build first. */
export const historyText = (histories: readonly ImageHistory[], style: Style): string =>
  histories.map((each) => `${heading(each, histories.length > 1)}${rows(each, style)}`).join("\n");

function heading({ image, version, rolledBack }: ImageHistory, isNamed: boolean): string {
  const words = [...(isNamed ? [`${image} ${version}`] : []), ...(rolledBack ? [rolledBackText(rolledBack)] : [])];
  return words.length === 0 ? "" : `${printableLine(words.join(", "))}\n`;
}

const words = { stable: "stable", left: "left by rollback", withdrawn: "withdrawn" } as const;

const rows = ({ builds }: ImageHistory, style: Style): string =>
  table(
    ["TAG", "PUBLISHED (UTC)", "STATE", "CHANGED", "COMMIT"],
    builds.map(({ tag, when, states, tags = [], changed, refreshed, commit, withdrawn }) => [
      tag,
      minutes(when),
      {
        text: [...states.map((each) => words[each]), ...tags].join(", ") || "-",
        paint: withdrawn === undefined ? (states.includes("stable") ? style.green : style.dim) : style.red,
      },
      `${changed?.join(", ") || "-"}${refreshed === undefined ? "" : ` (refresh of ${refreshed})`}`,
      commit?.subject ?? "not in this clone",
    ]),
    style,
  );

export const historyDocument = ({ histories, problems }: HistoryAnswer): object => ({
  formatVersion: 1,
  images: histories,
  problems: problems.map(diagnosticDocument),
});
