import type { Findings } from "./findings.ts";
import { lineAt } from "./lines.ts";
import type { Directive, Dockerfile, Escape } from "./model.ts";
import { skipSpaces } from "./spaces.ts";

const known = new Set(["syntax", "escape", "check"]);
export const byteOrderMark = "\ufeff";

/**
 * The parser directives: the comments `# name=value` that the text begins with, up to the first line that is none.
 * Behind a line `#!…` BuildKit still finds `syntax`, and nothing else.
 * https://docs.docker.com/reference/dockerfile/#parser-directives
 */
export function readDirectives(text: string, findings: Findings): Directive[] {
  const start = text.startsWith(byteOrderMark) ? 1 : 0;
  if (!text.startsWith("#!", start)) return directivesFrom(text, start, findings);
  return directivesFrom(text, lineAt(text, start).next, findings).filter((each) => each.name === "syntax");
}

function directivesFrom(text: string, start: number, findings: Findings): Directive[] {
  const directives: Directive[] = [];
  let at = start;
  while (at < text.length) {
    const line = lineAt(text, at);
    const directive = readDirective(text, line.start, line.end);
    if (directive === undefined) break;
    if (directives.some((each) => each.name === directive.name)) {
      findings.error("repeated-directive", `the directive "${directive.name}" is given twice`, directive.range);
      break;
    }
    directives.push(directive);
    at = line.next;
  }
  return directives;
}

export function escapeOf(directives: readonly Directive[], findings: Findings): Escape {
  const directive = directives.find((each) => each.name === "escape");
  if (directive === undefined || directive.value === "\\") return "\\";
  if (directive.value === "`") return "`";
  findings.error("bad-escape", `the escape character is "${directive.value}", not \\ or \``, directive.range);
  return "\\";
}

function readDirective(text: string, from: number, end: number): Directive | undefined {
  const start = skipSpaces(text, from, end);
  if (text[start] !== "#") return undefined;
  const equals = text.indexOf("=", start);
  if (equals === -1 || equals >= end) return undefined;
  const name = text
    .slice(start + 1, equals)
    .trim()
    .toLowerCase();
  if (!known.has(name)) return undefined;
  const value = text.slice(equals + 1, end).trim();
  return value === "" ? undefined : { name, value, range: { start, end } };
}

/** Whether something else than BuildKit's own frontend reads the Dockerfile. */
export const usesForeignFrontend = ({ directives }: Pick<Dockerfile, "directives">): boolean =>
  directives.some(({ name, value }) => name === "syntax" && !official.test(value));

const official = /^(docker\.io\/)?docker\/dockerfile(-upstream)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;
