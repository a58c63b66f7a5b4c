import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { CommitFacts } from "../../git/commits.ts";
import type { Trail, TrailPart } from "../../trail/trail.ts";
import { bytes, minutes } from "./table.ts";

/** From the base up to the interface, one paragraph for each part. More words: every commit, and the digests of definitions. */
export function trailText(trail: Trail, style: Style, verbosity: number): string {
  const { reference, digest, size, withdrawn, parts } = trail;
  const lines = [
    `${style.bold(printableLine(reference))}`,
    `  ${digest}, ${bytes(size)}`,
    ...(withdrawn
      ? [
          style.red(
            `  withdrawn: ${printableLine(withdrawn.reason)}${withdrawn.replacement ? ` (use ${printableLine(withdrawn.replacement)})` : ""}`,
          ),
        ]
      : []),
    baseLine(trail, style),
    ...parts.flatMap((part, at) => partLines(part, at > 0, style, verbosity)),
  ];
  return `${lines.join("\n")}\n`;
}

function baseLine({ base }: Trail, style: Style): string {
  if (base === undefined) return `${style.bold("base")}  ${style.dim("the labels do not say")}`;
  return `${style.bold("base")}  ${printableLine(base.reference)}${sized(base.size)}`;
}

const sized = (size: number | undefined): string => (size === undefined ? "" : `, ${bytes(size)}`);

/** What the lowest part is built on has a line of its own already. */
function partLines(part: TrailPart, withBase: boolean, style: Style, verbosity: number): string[] {
  const { kind, name, tag, built, size, layers, base, inputs, refreshed } = part;
  const what = kind === "science" ? "science" : "interface";
  const time = built === undefined ? "" : `, built ${minutes(new Date(built * 1000).toISOString())} UTC`;
  return [
    `${style.bold(what)}  ${printableLine(`${name} ${tag}`)}${time}${sized(size)}`,
    `  ${commitLine(part, style)}`,
    ...(refreshed === undefined ? [] : [`  built anew by --refresh ${printableLine(refreshed)}`]),
    ...(layers ? [`  layers ${printableLine(layers.join(" + "))}`] : []),
    ...(base === undefined || !withBase ? [] : [`  on ${printableLine(base)}`]),
    ...(verbosity > 0 && inputs ? [`  definition ${inputs}`] : []),
    ...todayLines(part, style, verbosity > 0 ? Number.POSITIVE_INFINITY : 5),
  ];
}

const commitLine = ({ commit, stamp }: TrailPart, style: Style): string =>
  commit === undefined
    ? style.yellow(`commit ${stamp.commit}, which this clone does not have`)
    : `commit ${oneCommit(commit)}`;

const oneCommit = ({ abbreviated, date, subject }: CommitFacts): string =>
  `${abbreviated} ${date.slice(0, 10)} ${printableLine(subject)}`;

function todayLines({ today, why, commits, changed }: TrailPart, style: Style, most: number): string[] {
  if (today === "current" && changed.length === 0) return [`  ${style.green("as defined today")}`];
  const verdict = { current: "as defined today, though files changed", different: why, unproven: why, gone: why }[
    today
  ];
  return [
    `  ${today === "current" ? style.green(verdict) : style.yellow(printableLine(verdict))}`,
    ...shortened(commits, most, (each) => `    since ${oneCommit(each)}`),
    ...shortened(changed, most, (each) => `    changed ${printableLine(each)}`),
  ];
}

function shortened<T>(all: readonly T[], most: number, line: (each: T) => string): string[] {
  const more = all.length - most;
  return [...all.slice(0, most).map(line), ...(more > 0 ? [`    and ${more} more`] : [])];
}

export const trailDocument = ({ trail, problems }: { trail: Trail; problems: readonly Diagnostic[] }): object => ({
  formatVersion: 1,
  ...trail,
  problems: problems.map(diagnosticDocument),
});
