import type { View } from "../view.ts";
import { matchesPattern } from "./words.ts";

/** Undefined where it is not known. */
export type Status = boolean | undefined;

/** `test`, `[` and `[[`, without the brackets; undefined among the words for one that is not known. */
export function evaluateTest(words: readonly (string | undefined)[], view: View, isDouble = false): Status {
  for (const [mark, isAnd] of [
    ["-o", false],
    ["-a", true],
  ] as const) {
    const at = words.indexOf(mark, 1);
    if (at > 0 && at < words.length - 1 && words.length > 3) {
      const [left, right] = [evaluateTest(words.slice(0, at), view), evaluateTest(words.slice(at + 1), view)];
      return isAnd ? both(left, right) : not(both(not(left), not(right)));
    }
  }
  if (words[0] === "!" && words.length > 1) return not(evaluateTest(words.slice(1), view, isDouble));
  if (words.length === 0) return false;
  if (words.includes(undefined)) return undefined;
  const [a = "", b = "", c = ""] = words as string[];
  if (words.length === 1) return a !== "";
  if (words.length === 2) return unary(a, b, view);
  return words.length === 3 ? binary(a, b, c, isDouble) : undefined;
}

export const not = (status: Status): Status => (status === undefined ? undefined : !status);

const both = (a: Status, b: Status): Status =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;

function unary(operator: string, word: string, view: View): Status {
  if (operator === "-n") return word !== "";
  if (operator === "-z") return word === "";
  if (operator === "-t") return false;
  if (operator === "!") return word === "";
  if (!/^-[efdrxsLh]$/.test(operator)) return undefined;
  const path = word.startsWith("/") ? word : `${view.workingFolder}/${word}`;
  if (operator === "-L" || operator === "-h") return view.facts.index.get(path.slice(1))?.type === "symlink";
  const entry = word === "" ? undefined : view.at(path);
  if (!entry) return false;
  if (operator === "-f") return entry.type === "file";
  if (operator === "-d") return entry.type === "directory";
  if (operator === "-s") return entry.size > 0;
  if (operator === "-r") return view.user.may(entry, 4);
  return operator === "-x" ? view.user.may(entry, 1) : true;
}

function binary(a: string, operator: string, b: string, isDouble: boolean): Status {
  if (operator === "=" || operator === "==") return isDouble ? matchesPattern(b, a) : a === b;
  if (operator === "!=") return isDouble ? !matchesPattern(b, a) : a !== b;
  const [left, right] = [Number(a), Number(b)];
  const compare = numbers[operator];
  return compare === undefined || Number.isNaN(left) || Number.isNaN(right) ? undefined : compare(left, right);
}

const numbers: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "-eq": (a, b) => a === b,
  "-ne": (a, b) => a !== b,
  "-lt": (a, b) => a < b,
  "-le": (a, b) => a <= b,
  "-gt": (a, b) => a > b,
  "-ge": (a, b) => a >= b,
};
