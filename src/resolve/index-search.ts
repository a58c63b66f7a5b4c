import type { FileIndex } from "../files/index.ts";
import { encodeKey } from "../files/record.ts";

/** Paths with this ending, in the order of the index; found among half a million lines without reading them. */
export const pathsEndingIn = (index: FileIndex, ending: string): string[] =>
  [...linesWith(index, `${encodeKey(ending)}\t`)].filter((path) => path.endsWith(ending));

/** Paths that a text stands in. */
export const pathsWith = (index: FileIndex, text: string): string[] => [
  ...new Set([...linesWith(index, encodeKey(text))].filter((path) => path.includes(text))),
];

function* linesWith(index: FileIndex, text: string): Generator<string> {
  const { lines } = index;
  for (let at = lines.indexOf(text, 0, "latin1"); at !== -1; at = lines.indexOf(text, at + text.length, "latin1")) {
    yield index.entryAround(at).path;
  }
}
