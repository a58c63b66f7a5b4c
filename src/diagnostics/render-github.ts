import type { Diagnostic } from "./diagnostic.ts";
import { printable } from "./printable.ts";
import { renderPlace } from "./render.ts";

/**
 * Workflow commands that GitHub Actions turns into annotations of a pull request, one line each:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export const renderGithub = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map((each) => `${annotation(each)}\n`).join("");

function annotation(diagnostic: Diagnostic): string {
  const { severity, at, code } = diagnostic;
  const place = at ? `file=${property(at.file)},line=${at.line},col=${at.column},` : "";
  return `::${severity} ${place}title=${property(code)}::${data(wholeText(diagnostic))}`;
}

const wholeText = ({ message, notes, help }: Diagnostic): string =>
  [
    message,
    ...notes.map((note) => `note: ${note.at ? `${renderPlace(note.at)}: ` : ""}${note.message}`),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ].join("\n");

/** The escapes of https://github.com/actions/toolkit/blob/%40actions/core%401.11.1/packages/core/src/command.ts */
const data = (text: string): string =>
  printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
