import type { SourceText } from "../catalogue/model.ts";
import type { Range } from "../diagnostics/text.ts";
import type { CataloguePart, DockerfileTemplate, Origin, TemplateBase } from "./model.ts";

/** What to put in the place of a range: other text, or the same text as a reference to pin. */
export interface Edit {
  readonly range: Range;
  readonly put: string | { readonly base: TemplateBase; readonly final: boolean };
  /** What of the catalogue the other text is written for, where that is another part than the range. */
  readonly origin?: CataloguePart;
}

/** A file of the catalogue before anything is done to it. */
export const sourcePiece = ({ path, text }: SourceText): DockerfileTemplate => ({
  ...textPiece(text),
  origins: [{ start: 0, end: text.length, source: { path, text }, offset: 0 }],
});

/** What image-builder writes itself. */
export const textPiece = (text: string): DockerfileTemplate => ({ text, references: [], declared: [], origins: [] });

/**
 * A part of a template after its edits, with everything counted from the part's own start. Edits outside of the range do
 * not count; what other text is put for has no origin any more.
 */
export function cutPiece(template: DockerfileTemplate, range: Range, edits: readonly Edit[]): DockerfileTemplate {
  const inside = edits
    .filter((edit) => edit.range.start >= range.start && edit.range.end <= range.end)
    .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  const { text, kept, written } = replace(template.text, range, inside);
  const marked = inside.flatMap(({ range: place, put }) => (typeof put === "string" ? [] : [{ ...place, ...put }]));
  return {
    text,
    references: [...template.references, ...marked].flatMap((each) => moved(each, kept)).sort(byStart),
    declared: template.declared.flatMap((section) =>
      moved({ start: section.at, end: section.at + 1 }, kept).map(({ start }) => ({ ...section, at: start })),
    ),
    origins: [...template.origins.flatMap((origin) => kept.flatMap((each) => overlap(origin, each))), ...written].sort(
      byStart,
    ),
  };
}

/** A part of a text that stays as it is, and where it comes to be. */
interface Kept extends Range {
  readonly at: number;
}

interface Replaced {
  readonly text: string;
  readonly kept: Kept[];
  readonly written: Origin[];
}

function replace(text: string, range: Range, edits: readonly Edit[]): Replaced {
  const kept: Kept[] = [];
  const written: Origin[] = [];
  let result = "";
  let from = range.start;
  const keep = (to: number): void => {
    if (to <= from) return;
    kept.push({ start: from, end: to, at: result.length });
    result += text.slice(from, to);
  };
  for (const { range: place, put, origin } of edits) {
    if (typeof put !== "string") continue;
    keep(place.start);
    if (origin) written.push({ start: result.length, end: result.length + put.length, ...origin });
    result += put;
    from = place.end;
  }
  keep(range.end);
  return { text: result, kept, written };
}

function moved<R extends Range>(inner: R, kept: readonly Kept[]): R[] {
  const within = kept.find(({ start, end }) => start <= inner.start && inner.end <= end);
  const by = within === undefined ? 0 : within.at - within.start;
  return within === undefined ? [] : [{ ...inner, start: inner.start + by, end: inner.end + by }];
}

function overlap(origin: Origin, kept: Kept): Origin[] {
  const start = Math.max(origin.start, kept.start);
  const end = Math.min(origin.end, kept.end);
  const by = kept.at - kept.start;
  // What was written for a part is so in every piece of it.
  const offset = origin.offset + (origin.length === undefined ? start - origin.start : 0);
  return start < end ? [{ ...origin, start: start + by, end: end + by, offset }] : [];
}

const byStart = (a: Range, b: Range): number => a.start - b.start;

/** One after the other, each ending with a line end. */
export const joinPieces = (pieces: readonly DockerfileTemplate[]): DockerfileTemplate =>
  joinExactly(
    pieces.map((piece) =>
      piece.text === "" || piece.text.endsWith("\n") ? piece : { ...piece, text: `${piece.text}\n` },
    ),
  );

/** One after the other, as they are. */
export function joinExactly(pieces: readonly DockerfileTemplate[]): DockerfileTemplate {
  let text = "";
  const starts = pieces.map((piece) => {
    const start = text.length;
    text += piece.text;
    return { piece, start };
  });
  return {
    text,
    references: starts.flatMap(({ piece, start }) => piece.references.map((each) => shifted(each, start))),
    declared: starts.flatMap(({ piece, start }) =>
      piece.declared.map((section) => ({ ...section, at: section.at + start })),
    ),
    origins: starts.flatMap(({ piece, start }) => piece.origins.map((each) => shifted(each, start))),
  };
}

const shifted = <R extends Range>(range: R, by: number): R => ({
  ...range,
  start: range.start + by,
  end: range.end + by,
});
