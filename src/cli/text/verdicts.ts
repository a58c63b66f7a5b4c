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
  images: verdicts.map(({ problems, ...rest }) => ({ ...rest, problems: problems.map(diagnosticDocument) })),
  summary: {
    untouched: count(verdicts, "untouched"),
    changed: count(verdicts, "changed"),
    unknown: count(verdicts, "unknown"),
  },
});

function headline(verdict: ImageVerdict, style: Style): string {
  const colour = { untouched: style.green, changed: style.red, unknown: style.yellow }[verdict.verdict];
  const [first] = errorsOf(verdict);
  const says = first ? first.message : facts(verdict);
  return `${colour(verdict.verdict.padEnd(9))}  ${style.bold(printableLine(verdict.reference))}  ${printableLine(says)}`;
}

function facts({ science, compatLayers = 0, drift, statements }: ImageVerdict): string {
  const parts = [`${plural(science?.layers ?? 0, "layer")} of science, then ${compatLayers} of the interface`];
  if (drift.length > 0) parts.push(`it sets ${drift.map(({ what }) => what).join(", ")}`);
  if (statements.length > 0) parts.push(signatures(statements));
  return parts.join("; ");
}

function signatures(statements: readonly CheckedStatement[]): string {
  const valid = statements.filter(({ signature }) => signature === "valid").length;
  return valid > 0 ? "signed" : `${plural(statements.length, "statement")} attached`;
}

function details(verdict: ImageVerdict, verbosity: number): string[] {
  const [first, ...more] = errorsOf(verdict);
  const warnings = verdict.problems.filter(({ severity }) => severity === "warning");
  return [
    ...(first ? notes(first) : []),
    ...more.flatMap((each) => [`  ${printableLine(each.message)}`, ...notes(each)]),
    ...warnings.map((each) => `  warning: ${printableLine(each.message)}`),
    ...(verbosity > 0 ? moreFacts(verdict) : []),
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

const errorsOf = ({ problems }: ImageVerdict): Diagnostic[] => problems.filter(({ severity }) => severity === "error");

function closing(verdicts: readonly ImageVerdict[]): string {
  const parts = (["untouched", "changed", "unknown"] as const).map((each) => [count(verdicts, each), each] as const);
  const counted = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${plural(verdicts.length, "image")}${counted.length > 0 ? `: ${counted.join(", ")}` : ""}`;
}

const count = (verdicts: readonly ImageVerdict[], wanted: ScienceVerdict): number =>
  verdicts.filter(({ verdict }) => verdict === wanted).length;

const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
