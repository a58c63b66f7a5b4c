import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { CataloguePart, DockerfileTemplate, Origin } from "./model.ts";

/** A Dockerfile with where it comes from: a template, or what became of one. */
export type ComposedText = Pick<DockerfileTemplate, "text" | "origins">;

type Located = Required<Pick<Diagnostic, "at" | "excerpt">>;

/**
 * Where a range of a composed Dockerfile stands in the catalogue, to spread into a diagnostic. What was put into a line in
 * the place of something else is found at what stands before it, and what does as declared at the declaration; undefined
 * for all else that image-builder writes.
 */
export function locateOrigin(composed: ComposedText, range: Range): Located | undefined {
  const { origins } = composed;
  const origin = origins.find(({ start, end }) => start <= range.start && range.start < end) ?? before(composed, range);
  if (origin === undefined) return undefined;
  if (origin.length !== undefined) return locatePart(origin);
  const { source } = origin;
  const start = offsetIn(origin, Math.min(range.start, origin.end));
  // The end may be behind something that was replaced.
  const last = origins.find(
    (each) => each.source.path === source.path && each.start <= range.end && range.end <= each.end,
  );
  const end = last === undefined ? source.text.length : offsetIn(last, range.end);
  return locate(source.path, source.text, { start, end });
}

export const locatePart = ({ source, offset, length = 1 }: CataloguePart): Located =>
  locate(source.path, source.text, { start: offset, end: offset + length });

/** The nearest origin before a range on the same line. */
function before({ text, origins }: ComposedText, range: Range): Origin | undefined {
  const nearest = origins.findLast(({ end }) => end <= range.start);
  return nearest && text.slice(nearest.end - 1, range.start).includes("\n") ? undefined : nearest;
}

const offsetIn = ({ start, offset }: Origin, at: number): number => offset + at - start;
