import type { FreezeRule } from "../compose/model.ts";
import { type Diagnostic, problem } from "../diagnostics/diagnostic.ts";
import { isStopped } from "./examine.ts";
import type { Examination, FreezeFinding } from "./model.ts";

/** Sentences that are shown of one image; the others are counted. */
const shown = 12;

/**
 * What is worth a message of an examined image: an error where the image is not to be published, a warning where there is something
 * to know, undefined where users get the same.
 */
export function freezeProblem(id: string, examination: Examination, rule: FreezeRule): Diagnostic | undefined {
  const { resolves, findings, problems } = examination;
  if (resolves !== "not examined" && findings.length === 0) return undefined;
  const stops = rule.mode === "enforce" && isStopped(examination);
  const notes = [...problems.map((message) => ({ message })), ...sentencesOf(findings)];
  const help = helpOf(examination);
  return problem(stops ? "error" : "warning", codeOf(examination), summaryOf(id, examination, rule, stops), {
    notes,
    ...(help !== undefined && { help }),
  });
}

const codeOf = ({ resolves }: Examination): string => (resolves === "not examined" ? "not-examined" : "freeze");

function summaryOf(id: string, { resolves, findings }: Examination, { science }: FreezeRule, stops: boolean): string {
  const consequence = stops ? ", so that it gets no tag" : "";
  if (resolves === "not examined")
    return `nobody has examined whether ${id} changes what users of ${science} get${consequence}`;
  const isChanged = findings.some(({ key }) => key !== undefined);
  const what = isChanged ? "changes what users" : "leaves what resolves, and changes the surroundings that users";
  return `${id} ${what} of ${science} get${consequence}`;
}

function sentencesOf(findings: readonly FreezeFinding[]): { message: string }[] {
  const first = findings.slice(0, shown).map(({ says, excepted }) => ({
    message: excepted === undefined ? says : `${says} (it may: ${excepted})`,
  }));
  return findings.length > shown ? [...first, { message: `and ${findings.length - shown} more` }] : first;
}

function helpOf({ resolves, findings }: Examination): string | undefined {
  if (resolves === "not examined") return undefined;
  const keys = findings.flatMap(({ key, stops }) => (stops && key !== undefined ? [key] : []));
  if (keys.length === 0) return undefined;
  const named = keys.slice(0, 3).map((key) => `${JSON.stringify(key)}: "REASON"`);
  const more = keys.length > 3 ? ", …" : "";
  return `leave it as it is in the science image; where it is meant, write into the compat definition: "mayChange": { ${named.join(", ")}${more} }`;
}
