import { printable } from "../diagnostics/printable.ts";

/** What a report says of one build and its tests. */
export interface ReportSuite {
  readonly name: string;
  readonly cases: readonly ReportCase[];
  /** Seconds. */
  readonly time: number;
}

export interface ReportCase {
  readonly name: string;
  readonly time: number;
  /** `failure` for a test that failed, `error` for what broke otherwise, `skipped` for what did not run; absent for what is well. */
  readonly result?: {
    readonly kind: "failure" | "error" | "skipped";
    readonly message: string;
    readonly text?: string;
  };
}

/**
 * The form that JUnit's Ant task began and CI systems read: `testsuites`, `testsuite`, `testcase`. Written here: it is these three
 * elements, and what is hard about it, the characters that XML does not have, no writer of XML does by itself.
 */
export function junitXml(suites: readonly ReportSuite[], name: string): string {
  const cases = suites.flatMap((each) => each.cases);
  const time = suites.reduce((sum, each) => sum + each.time, 0);
  const head = `<testsuites${attributes({ name, ...counts(cases), time: time.toFixed(3) })}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.map(suiteXml).join("")}</testsuites>\n`;
}

const suiteXml = ({ name, cases, time }: ReportSuite): string =>
  `  <testsuite${attributes({ name, ...counts(cases), time: time.toFixed(3) })}>\n${cases
    .map((each) => caseXml(each, name))
    .join("")}  </testsuite>\n`;

function caseXml({ name, time, result }: ReportCase, suite: string): string {
  const start = `    <testcase${attributes({ name, classname: suite, time: time.toFixed(3) })}`;
  if (result === undefined) return `${start}/>\n`;
  const { kind, message, text = "" } = result;
  const inner = `<${kind}${attributes({ message, ...(kind !== "skipped" && { type: kind }) })}`;
  return `${start}>\n      ${inner}${text === "" ? "/>" : `>${escaped(text)}</${kind}>`}\n    </testcase>\n`;
}

const counts = (cases: readonly ReportCase[]): Record<string, string> => ({
  tests: String(cases.length),
  failures: String(cases.filter(({ result }) => result?.kind === "failure").length),
  errors: String(cases.filter(({ result }) => result?.kind === "error").length),
  skipped: String(cases.filter(({ result }) => result?.kind === "skipped").length),
});

const attributes = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([key, value]) => ` ${key}="${escaped(value).replace(/[\t\n]/g, (each) => `&#${each.charCodeAt(0)};`)}"`)
    .join("");

/** Control characters and what is no character become readable: an XML document with one of them is none. */
const escaped = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (each) => entities[each] ?? each);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
