import type { FreezeRule } from "../compose/model.ts";
import type { Comparison, FreezeVerdict, NameDifference } from "../resolve/model.ts";
import { exceptionFor, nameKey, pathKey } from "./exceptions.ts";
import type { Examination, FreezeFinding } from "./model.ts";
import { attributeSentence, fileSentence, nameSentence, type Telling, variableSentence } from "./sentences.ts";

/** What a comparison means for users of the science image, and for what the image is held to. */
export function examine(comparison: Comparison, { mayChange }: FreezeRule, telling: Telling): Examination {
  const finding = (key: string, says: string): FreezeFinding => {
    const excepted = exceptionFor(key, mayChange);
    return { key, says, stops: excepted === undefined, ...(excepted !== undefined && { excepted }) };
  };
  const told = (says: string): FreezeFinding => ({ says, stops: false });
  const names = gathered(comparison).map(({ difference, doors }) =>
    finding(nameKey(difference.kind, difference.name), nameSentence(difference, doors, telling)),
  );
  const files = comparison.files.map((each) => finding(pathKey("file", each.path), fileSentence(each, telling)));
  const attributes = comparison.attributes.map((each) =>
    stopping.has(each.kind)
      ? finding(pathKey(each.kind, each.path), attributeSentence(each, telling))
      : told(attributeSentence(each, telling)),
  );
  // What leads programs elsewhere is told as the cause of what they find there.
  const variables = comparison.environment
    .filter(({ name, resolved }) => name !== "SCISERVER_IMAGE" && (!resolved || names.length > 0))
    .map((each) => told(variableSentence(each, telling)));
  const findings = [...names, ...files, ...attributes, ...variables];
  return {
    resolves: comparison.outcome,
    doors: comparison.doors.flatMap(({ door, outcome }) => (outcome === "same" ? [] : [{ door, outcome }])),
    findings: [...findings.filter(({ stops }) => stops), ...findings.filter(({ stops }) => !stops)].slice(0, most),
    problems: comparison.problems,
  };
}

/** An image in which everything is other needs no list of it. */
const most = 200;

const stopping: ReadonlySet<string> = new Set(["setuid", "setgid", "capabilities"]);

/** Of an image that nothing could be said of. */
export const notExamined = (why: string): Examination => ({
  resolves: "not examined",
  doors: [],
  findings: [],
  problems: [why],
});

/** Whether `enforce` stops: what is not known is not let through either. */
export const isStopped = ({ resolves, findings }: Examination): boolean =>
  resolves === "not examined" || findings.some(({ stops }) => stops);

/** Whether users get, at every door, what the tests of the science image were made for (B43). */
export const needsTests = ({ resolves }: Examination): boolean => resolves !== "same" && resolves !== "added";

interface Gathered {
  readonly difference: NameDifference;
  readonly doors: readonly string[];
}

const worse: readonly FreezeVerdict[] = ["removed", "changed", "undecided"];

/** Each difference once, with the doors where it is met; the worst first. */
function gathered({ doors, packages }: Comparison): Gathered[] {
  const all = new Map<string, { difference: NameDifference; doors: string[] }>();
  const note = (difference: NameDifference, door?: string): void => {
    if (!worse.includes(difference.outcome)) return;
    const key = JSON.stringify(difference);
    const known = all.get(key) ?? { difference, doors: [] };
    if (door !== undefined) known.doors.push(door);
    all.set(key, known);
  };
  for (const { door, differences } of doors) for (const each of differences) note(each, door);
  for (const each of packages) note(each);
  return [...all.values()].sort((a, b) => worse.indexOf(a.difference.outcome) - worse.indexOf(b.difference.outcome));
}
