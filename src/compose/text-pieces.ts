import type { Range } from "../diagnostics/text.ts";
import type { DeclaredSection, DockerfileTemplate, TemplateBase } from "./model.ts";

/** What to put in the place of a range: other text, or the same text as a reference to pin. */
export interface Edit {
  readonly range: Range;
  readonly put: string | { readonly base: TemplateBase; readonly final: boolean };
}

/** A part of a text after its edits, with everything counted from the part's own start. Edits outside of the range do not count. */
export function cutPiece(text: string, range: Range, edits: readonly Edit[]): DockerfileTemplate {
  const inside = edits
    .filter((edit) => edit.range.start >= range.start && edit.range.end <= range.end)
    .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  let result = "";
  let at = range.start;
  const references: DockerfileTemplate["references"][number][] = [];
  for (const { range: place, put } of inside) {
    result += text.slice(at, place.start);
    const start = result.length;
    result += typeof put === "string" ? put : text.slice(place.start, place.end);
    if (typeof put !== "string") references.push({ start, end: result.length, ...put });
    at = place.end;
  }
  return { text: result + text.slice(at, range.end), references, declared: [] };
}

/** One after the other, each ending with a line end. */
export function joinPieces(pieces: readonly DockerfileTemplate[]): DockerfileTemplate {
  let text = "";
  const references: DockerfileTemplate["references"][number][] = [];
  const declared: DeclaredSection[] = [];
  for (const piece of pieces) {
    const offset = text.length;
    references.push(
      ...piece.references.map((each) => ({ ...each, start: each.start + offset, end: each.end + offset })),
    );
    declared.push(...piece.declared.map((each) => ({ ...each, at: each.at + offset })));
    text += piece.text === "" || piece.text.endsWith("\n") ? piece.text : `${piece.text}\n`;
  }
  return { text, references, declared };
}

export const textPiece = (text: string): DockerfileTemplate => ({ text, references: [], declared: [] });
