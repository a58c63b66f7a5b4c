import type { Findings } from "./findings.ts";
import { type LogicalLine, lineAt, rangeIn } from "./lines.ts";
import type { Heredoc } from "./model.ts";
import { expandWord } from "./shell.ts";

/** What `<<NAME` says, before the body is read. */
type HeredocMark = Pick<Heredoc, "name" | "expand" | "chomp" | "fd">;

const none: ReadonlyMap<string, string> = new Map();

/**
 * Reads one word as the mark of a heredoc, or undefined where it is none. The escape character is a backslash here,
 * whatever the directive says, and variables stay as they are (`ParseHeredoc` in BuildKit's parser).
 */
export function readHeredocMark(word: string): HeredocMark | undefined {
  const match = /^(\d*)<<(-?)\s*([^<]*)$/.exec(word);
  if (match === null) return undefined;
  const [, fd = "", dash = "", rest = ""] = match;
  const bare = expandWord(rest, none, { unset: "keep" });
  const quoted = expandWord(rest, none, { unset: "keep", quotes: "keep" });
  const [name, ...others] = bare.words;
  if (bare.problem !== undefined || name === undefined || others.length > 0) return undefined;
  const expand = countQuotes(name) === countQuotes(quoted.words[0] ?? "");
  return { name, expand, chomp: dash === "-", ...(fd === "" ? {} : { fd: Number(fd) }) };
}

/** The marks on an instruction's line, in order: each a word of its own, not within quotes. */
function heredocMarks(line: string): HeredocMark[] {
  if (!line.includes("<<")) return [];
  const { words, problem } = expandWord(line, none, { unset: "keep", quotes: "keep", escapes: "keep" });
  if (problem !== undefined) return [];
  return words.map(readHeredocMark).filter((mark) => mark !== undefined);
}

/** The bodies, which follow each other from `start`. A body that nothing ends takes the rest of the text. */
export function readHeredocs(
  text: string,
  line: LogicalLine,
  findings: Findings,
): { heredocs: Heredoc[]; next: number } {
  const heredocs: Heredoc[] = [];
  let next = line.next;
  for (const mark of heredocMarks(line.text)) {
    const body = readBody(text, next, mark);
    if (!body.ended) {
      const at = Math.max(0, line.text.indexOf("<<"));
      findings.error("unterminated-heredoc", `no line "${mark.name}" ends the heredoc`, rangeIn(line, at, at + 2));
    }
    heredocs.push({ ...mark, content: text.slice(next, body.end), range: { start: next, end: body.end } });
    next = body.next;
  }
  return { heredocs, next };
}

function readBody(text: string, start: number, mark: HeredocMark): { end: number; next: number; ended: boolean } {
  let at = start;
  while (at < text.length) {
    const line = lineAt(text, at);
    let first = line.start;
    while (mark.chomp && first < line.end && text[first] === "\t") first += 1;
    if (line.end - first === mark.name.length && text.startsWith(mark.name, first)) {
      return { end: line.start, next: line.next, ended: true };
    }
    at = line.next;
  }
  return { end: text.length, next: text.length, ended: false };
}

const countQuotes = (text: string): number => text.split(/['"]/).length - 1;

/** The content of a `<<-` heredoc as it reaches the image: without the tabs that lines begin with. */
export const chompTabs = (content: string): string => content.replace(/(^|\n)\t+/g, "$1");
