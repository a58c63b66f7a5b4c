import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { CopyOutcome } from "../../run/copies.ts";

/** A line for each copy: whether it is where home is. */
export const copiesText = (copies: readonly CopyOutcome[]): string =>
  copies.map(({ copy, references, problems }) => `${copy}: ${count(references)}${ending(problems.length)}\n`).join("");

const count = (references: CopyOutcome["references"]): string => {
  const number = Object.keys(references).length;
  return `${number} ${number === 1 ? "tag is" : "tags are"} where home has ${number === 1 ? "it" : "them"}`;
};

const ending = (problems: number): string => (problems === 0 ? "" : ", others are behind; home is not touched by that");

/** A line for each reference of the copies, with its digest. */
export const copiedReferences = (copies: readonly CopyOutcome[] = []): string =>
  copies
    .flatMap(({ references }) => Object.entries(references).map(([reference, digest]) => `${reference}@${digest}\n`))
    .join("");

export const copyDocument = ({ problems, ...copy }: CopyOutcome): object => ({
  ...copy,
  problems: problems.map(diagnosticDocument),
});
