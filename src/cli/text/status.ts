import type { Catalogue } from "../../catalogue/model.ts";
import type { ChangeSet } from "../../changes/model.ts";
import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { CopyStatus, ImageState, ImageStatus } from "../../judge/image-status.ts";
import type { StatusSurvey } from "../../status/survey.ts";
import { type Cell, minutes, shortDigest, table } from "./table.ts";

/** The table; with more words also why an image is out of date, and its reference. The last line counts the states. */
export function statusText(statuses: readonly ImageStatus[], style: Style, verbosity: number): string {
  const rows = statuses.map((each): (string | Cell)[] => [
    `${each.image} ${each.version}`,
    stateCell(each.states, style),
    minutes(each.built),
    each.commit ?? "-",
    shortDigest(each.digest),
  ]);
  const lines = table(["IMAGE", "STATE", "BUILT (UTC)", "COMMIT", "DIGEST"], rows, style).trimEnd().split("\n");
  const told = lines.map((line, at) => `${line}\n${details(statuses[at - 1], verbosity)}`);
  return `${statuses.length === 0 ? "" : told.join("")}${totals(statuses)}\n`;
}

const words: Readonly<Record<ImageState, string>> = {
  withdrawn: "withdrawn",
  "rolled-back": "rolled back",
  "science-out-of-date": "science out of date",
  "compat-out-of-date": "compat out of date",
  current: "current",
  "not-published": "not published",
  adopted: "adopted",
  orphaned: "orphaned",
  retired: "retired",
  unknown: "unknown",
};

function stateCell(states: readonly ImageState[], style: Style): Cell {
  const good = states.every((each) => each === "current" || each === "adopted" || each === "retired");
  const bad = states.some((each) => each === "withdrawn" || each === "unknown");
  return {
    text: states.map((each) => words[each]).join(", "),
    paint: good ? style.green : bad ? style.red : style.yellow,
  };
}

function details(status: ImageStatus | undefined, verbosity: number): string {
  if (status === undefined) return "";
  const { withdrawn, why, reference } = status;
  const lines = [
    ...(withdrawn
      ? [`withdrawn: ${withdrawn.reason}${withdrawn.replacement ? ` (use ${withdrawn.replacement})` : ""}`]
      : []),
    ...(status.rolledBack ? [rolledBackText(status.rolledBack)] : []),
    ...(status.copies ?? []).flatMap((each) => copyText(each, verbosity)),
    ...(verbosity > 0 ? [...why, `stable tag ${reference}`] : []),
  ];
  return lines.map((line) => `  ${printableLine(line)}\n`).join("");
}

function copyText({ reference, state }: CopyStatus, verbosity: number): string[] {
  if (state === "current") return verbosity > 0 ? [`copy ${reference}`] : [];
  const what = { behind: "is behind", absent: "is not there", unknown: "did not answer" }[state];
  return [
    `the copy ${reference} ${what}${state === "unknown" ? "" : "; image-builder publish --copies brings it up to date"}`,
  ];
}

export const rolledBackText = ({ to, since }: NonNullable<ImageStatus["rolledBack"]>): string =>
  `rolled back to ${to} since ${since}`;

function totals(statuses: readonly ImageStatus[]): string {
  const counts = Object.entries(summary(statuses)).map(([state, count]) => `${count} ${words[state as ImageState]}`);
  return [`${statuses.length} image-versions`, counts.join(", ")].filter((each) => each !== "").join(": ");
}

function summary(statuses: readonly ImageStatus[]): Partial<Record<ImageState, number>> {
  const all = statuses.flatMap(({ states }) => states);
  const known = Object.keys(words) as ImageState[];
  return Object.fromEntries(
    known.flatMap((state) => {
      const count = all.filter((each) => each === state).length;
      return count === 0 ? [] : [[state, count]];
    }),
  );
}

/** What `status --format json` prints; docs/commands.md describes it. */
export const statusDocument = (
  { statuses, problems }: StatusSurvey,
  { settings }: Catalogue,
  { head }: ChangeSet,
): object => ({
  formatVersion: 1,
  repo: settings.repo,
  commit: head.commit,
  dirty: head.dirty,
  images: statuses,
  summary: summary(statuses),
  problems: problems.map(diagnosticDocument),
});
