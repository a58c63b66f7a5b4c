import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { CheckedStatement, Drift, ImageVerdict, ScienceVerdict } from "../../trust/model.ts";

/** One line for each image; further problems, and with `-v` what the interface changed, below it. */
export function verdictsText(verdicts: readonly ImageVerdict[], style: Style, verbosity: number): string {
  const lines = verdicts.flatMap((each) => [headline(each, style), ...details(each, verbosity)]);
  return [...lines, closing(verdicts), ""].join("\n");
}

export const verdictsDocument = (verdicts: readonly ImageVerdict[]): object => ({
  formatVersion: 1,
  images: verdicts.map(({ problems, doubts, ...rest }) => ({
    ...rest,
    problems: problems.map(diagnosticDocument),
    doubts: doubts.map(diagnosticDocument),
  })),
  summary: {
    untouched: count(verdicts, "untouched"),
    changed: count(verdicts, "changed"),
    unknown: count(verdicts, "unknown"),
    resolvesOtherwise: resolvingOtherwise(verdicts),
    rolledBack: verdicts.filter(({ newest }) => newest === "rolled-back").length,
    behind: verdicts.filter(isBehind).length,
    signed: verdicts.filter(({ signed }) => signed === "signed").length,
  },
});

const isBehind = ({ newest }: ImageVerdict): boolean => newest === "behind";

function headline(verdict: ImageVerdict, style: Style): string {
  const word = wordOf(verdict);
  const colour = { untouched: style.green, unknown: style.yellow }[word] ?? style.red;
  const [first] = errorsOf(verdict.problems);
  const says = first ? first.message : facts(verdict);
  return `${colour(word.padEnd(9))}  ${style.bold(printableLine(verdict.reference))}  ${printableLine(says)}`;
}

/** Untouched are both the layers and, as far as that was examined, what they lead to. */
const wordOf = ({ verdict, resolves }: ImageVerdict): string =>
  verdict === "untouched" && isOther(resolves) ? resolves.verdict : verdict;

const isOther = ({ verdict, accepted }: ImageVerdict["resolves"]): boolean => verdict !== "not examined" && !accepted;

function facts(verdict: ImageVerdict): string {
  const { science, compatLayers = 0, drift } = verdict;
  const layers = `${plural(science?.layers ?? 0, "layer")} of science`;
  const parts = [
    `${layers}${isOther(verdict.resolves) ? " as they were" : ""}, then ${compatLayers} of the interface`,
    `what resolves: ${verdict.resolves.verdict}`,
  ];
  if (drift.length > 0) parts.push(`it sets ${drift.map(({ what }) => what).join(", ")}`);
  if (isBehind(verdict)) parts.push("behind the newest build");
  if (verdict.newest === "rolled-back") parts.push("rolled back");
  return [...parts, ...signature(verdict)].join("; ");
}

/** Nothing where nothing is attached and nobody asked. */
function signature({ signed, statements, doubts }: ImageVerdict): string[] {
  const isAsked = signed === "other-key" || doubts.some(({ code }) => code === "not-signed");
  if (signed === "signed" || isAsked) return [signed === "other-key" ? "signed with another key" : signed];
  return statements.length > 0 ? [`${plural(statements.length, "statement")} attached`] : [];
}

function details(verdict: ImageVerdict, verbosity: number): string[] {
  const [first, ...problems] = errorsOf(verdict.problems);
  const warnings = [...verdict.problems, ...verdict.doubts].filter(({ severity }) => severity === "warning");
  return [
    ...(first ? notes(first) : []),
    ...[...problems, ...errorsOf(verdict.doubts)].flatMap((each) => [
      `  ${printableLine(each.message)}`,
      ...notes(each),
    ]),
    ...resolvesLines(verdict.resolves, verbosity),
    ...warnings.map((each) => `  warning: ${printableLine(each.message)}`),
    ...(verbosity > 0 ? moreFacts(verdict) : []),
  ];
}

/** What users meet otherwise: always where there is no reason for it. */
function resolvesLines(resolves: ImageVerdict["resolves"], verbosity: number): string[] {
  if (!isOther(resolves) && verbosity === 0) return [];
  const shown = verbosity > 0 ? resolves.differences : resolves.differences.slice(0, 5);
  const more = resolves.differences.length - shown.length;
  return [
    ...shown.map((each) => `  ${printableLine(each)}`),
    ...(more > 0 ? [`  and ${more} more (-v)`] : []),
    ...(resolves.tests === undefined || resolves.tests === "none"
      ? []
      : [`  tests of the science image: ${printableLine(resolves.tests)}`]),
  ];
}

/** What the outside said, and what to do. */
const notes = ({ notes: said, help }: Diagnostic): string[] => [
  ...said.map(({ message }) => `    ${printableLine(message)}`),
  ...(help === undefined ? [] : [`    help: ${help}`]),
];

function moreFacts({ science, drift, digest, statements }: ImageVerdict): string[] {
  return [
    ...(digest === undefined ? [] : [`    digest   ${digest}`]),
    ...(science === undefined ? [] : [`    science  ${science.reference}`]),
    ...drift.map(driftLine),
    ...statements.map(
      ({ predicateType, signature }) => `    attached ${printableLine(predicateType)} (${signatureWords[signature]})`,
    ),
  ];
}

const signatureWords: Readonly<Record<CheckedStatement["signature"], string>> = {
  none: "not signed",
  valid: "signed with this key",
  "other-key": "signed with another key",
  unchecked: "signed; --key checks by whom",
};

const driftLine = ({ what, science = "not set", image = "not set" }: Drift): string =>
  `    ${printableLine(what)}: ${printableLine(science)} → ${printableLine(image)}`;

const errorsOf = (problems: readonly Diagnostic[]): Diagnostic[] =>
  problems.filter(({ severity }) => severity === "error");

/** Who signed is counted where somebody asked. */
function closing(verdicts: readonly ImageVerdict[]): string {
  const parts: (readonly [number, string])[] = [
    ...(["untouched", "changed", "unknown"] as const).map((each) => [count(verdicts, each), each] as const),
    [resolvingOtherwise(verdicts), "of them not the same in what resolves"],
    [verdicts.filter(({ newest }) => newest === "rolled-back").length, "rolled back"],
    [verdicts.filter(isBehind).length, "behind the newest build"],
    [
      verdicts.filter(({ doubts }) => doubts.some(({ code }) => code === "not-signed")).length,
      "not signed with this key",
    ],
  ];
  const counted = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${plural(verdicts.length, "image")}${counted.length > 0 ? `: ${counted.join(", ")}` : ""}`;
}

const resolvingOtherwise = (verdicts: readonly ImageVerdict[]): number =>
  verdicts.filter(({ resolves }) => isOther(resolves)).length;

const count = (verdicts: readonly ImageVerdict[], wanted: ScienceVerdict): number =>
  verdicts.filter(({ verdict }) => verdict === wanted).length;

const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
