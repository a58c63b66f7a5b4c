import { type LogicalLine, rangeIn } from "./lines.ts";
import type { Word } from "./model.ts";
import { skipSpaces } from "./spaces.ts";

/** `words` for a JSON array of strings, "not-strings" for an array BuildKit refuses, undefined where it reads shell form. */
export type JsonForm = readonly Word[] | "not-strings" | undefined;

/** Takes arguments for the JSON form as Go's encoding/json does (`parseJSON` in BuildKit's parser). */
export function readJsonWords(line: LogicalLine, from: number, to: number): JsonForm {
  const start = skipSpaces(line.text, from, to);
  if (start === to || line.text[start] !== "[") return undefined;
  const values = parseArray(line.text.slice(start, to));
  if (values === undefined) return undefined;
  const strings = values.filter((each) => typeof each === "string");
  if (strings.length < values.length) return "not-strings";
  return stringPlaces(line.text, start, to).map(([first, end], index) => ({
    text: wellFormed(strings[index] ?? ""),
    range: rangeIn(line, first, end),
  }));
}

function parseArray(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Go writes U+FFFD for half a surrogate pair. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** Where the strings of a valid array of strings stand, quotes included. */
function stringPlaces(text: string, from: number, to: number): [number, number][] {
  const places: [number, number][] = [];
  let start: number | undefined;
  for (let at = from; at < to; at += 1) {
    if (start === undefined) {
      if (text[at] === '"') start = at;
    } else if (text[at] === "\\") at += 1;
    else if (text[at] === '"') {
      places.push([start, at + 1]);
      start = undefined;
    }
  }
  return places;
}
