import type { Diagnostic, DiagnosticNote, Place } from "./diagnostic.ts";
import { renderExcerpt } from "./excerpt.ts";
import { printable, printableLine } from "./printable.ts";
import { plainStyle, type Style } from "./style.ts";

/** All problems and a last line that counts them; empty for none. Each line ends with a line end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style = plainStyle): string {
  if (diagnostics.length === 0) return "";
  return [...diagnostics.map((each) => renderDiagnostic(each, style)), `${countProblems(diagnostics)}\n`].join("");
}

/**
 * `FILE:LINE:COLUMN: error[code]: sentence`, the line it stands in with a mark, notes with their own places, and a help.
 * Nothing that came from outside reaches the terminal as a control character.
 */
export function renderDiagnostic(diagnostic: Diagnostic, style: Style = plainStyle): string {
  const { at, excerpt, help } = diagnostic;
  const lines = [
    headline(diagnostic, style),
    ...(at && excerpt ? renderExcerpt(at, excerpt, severityStyle(diagnostic, style), style) : []),
    ...diagnostic.notes.map((note) => renderNote(note, style)),
    ...(help === undefined ? [] : [`  ${style.cyan("help")}: ${indentRest(help)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** `2 errors, 1 warning`; `no problems`. */
export function countProblems(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((each) => each.severity === "error").length;
  const parts = [count(errors, "error"), count(diagnostics.length - errors, "warning")].filter((part) => part !== "");
  return parts.join(", ") || "no problems";
}

/** `FILE:LINE:COLUMN`, as editors and terminals make it a link. */
export const renderPlace = ({ file, line, column }: Place): string => `${printableLine(file)}:${line}:${column}`;

function headline(diagnostic: Diagnostic, style: Style): string {
  const place = diagnostic.at ? `${style.bold(renderPlace(diagnostic.at))}: ` : "";
  const label = severityStyle(diagnostic, style)(`${diagnostic.severity}[${printableLine(diagnostic.code)}]`);
  return `${place}${label}: ${style.bold(indentRest(diagnostic.message))}`;
}

function renderNote(note: DiagnosticNote, style: Style): string {
  const place = note.at ? `${renderPlace(note.at)}: ` : "";
  return `  ${style.cyan("note")}: ${place}${indentRest(note.message)}`;
}

const severityStyle = ({ severity }: Diagnostic, style: Style): Style["red"] =>
  severity === "error" ? style.red : style.yellow;

/** What an engine or git said may be several lines; they stay below their note. */
const indentRest = (text: string): string => printable(text).trimEnd().replaceAll("\n", "\n    ");

const count = (number: number, noun: string): string =>
  number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
