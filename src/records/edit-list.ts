import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

/**
 * Adds an entry at the end of a list of a JSON document with comments; the list is made where there is none. Not one
 * character of what is there is changed: comments and layout are other people's work.
 */
export function withEntry(text: string, list: string, entry: object): string {
  const blank = withoutComments(text);
  const root = parseTree(blank);
  const unit = indentUnit(text);
  const array = root && findNodeAtLocation(root, [list]);
  if (array?.type === "array") return appended(text, blank, array, written(entry, unit));
  if (root?.type !== "object")
    return `{\n${unit}"${list}": [\n${indented(written(entry, unit), unit + unit)}\n${unit}]\n}\n`;
  return appended(text, blank, root, `"${list}": [\n${indented(written(entry, unit), unit)}\n]`);
}

/** Removes entries by their places in a list, each with its comma. */
export function withoutEntries(text: string, list: string, places: readonly number[]): string {
  const lastFirst = [...places].sort((a, b) => b - a);
  return lastFirst.reduce((result, at) => withoutEntry(result, list, at), text);
}

function withoutEntry(text: string, list: string, at: number): string {
  const blank = withoutComments(text);
  const root = parseTree(blank);
  const node = root && findNodeAtLocation(root, [list, at]);
  if (node === undefined) return text;
  const end = node.offset + node.length;
  const comma = /^\s*,/.exec(blank.slice(end))?.[0].length;
  const before = /,\s*$/.exec(blank.slice(0, node.offset));
  const spaces = /\n[ \t]*$/.exec(text.slice(0, node.offset))?.[0].length ?? 0;
  const rest = text.slice(comma === undefined ? end : end + comma);
  const start = text.slice(0, node.offset - spaces);
  return `${comma === undefined && before ? withoutCharacter(start, before.index) : start}${rest}`;
}

const withoutCharacter = (text: string, at: number): string => text.slice(0, at) + text.slice(at + 1);

/** Behind the last element and its comments, on lines of its own; the element gets a comma where it has none. */
function appended(text: string, blank: string, parent: Node, addition: string): string {
  const closing = parent.offset + parent.length - 1;
  const last = parent.children?.at(-1);
  const outer = indentAt(text, parent.offset);
  const inner = last && startsLine(text, last.offset) ? indentAt(text, last.offset) : outer + indentUnit(text);
  const content = text.slice(0, closing).trimEnd();
  const end = last ? last.offset + last.length : 0;
  const comma = last && !blank.slice(end, closing).includes(",") ? "," : "";
  const kept = comma === "" ? content : content.slice(0, end) + comma + content.slice(end);
  const added = `\n${indented(addition, inner)}\n${outer}`;
  return `${kept}${text.includes("\r\n") ? added.replaceAll("\n", "\r\n") : added}${text.slice(closing)}`;
}

const written = (entry: object, unit: string): string => JSON.stringify(entry, null, unit);

const indented = (text: string, indent: string): string => text.replace(/^/gm, indent);

const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";

const startsLine = (text: string, offset: number): boolean => text.slice(lineStart(text, offset), offset).trim() === "";

const indentUnit = (text: string): string => /^([ \t]+)["{#/]/m.exec(text)?.[1] ?? "  ";

/** Comments of all three kinds become spaces, so that offsets stay true. */
const withoutComments = (text: string): string =>
  text
    .replace(/^\uFEFF/, " ")
    .replace(/"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*/g, (part) =>
      part.startsWith('"') ? part : part.replace(/[^\n]/g, " "),
    );
