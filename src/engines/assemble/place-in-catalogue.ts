import type { Catalogue, SourceText } from "../../catalogue/model.ts";
import type { ImageBuild } from "../../compose/model.ts";
import type { Range } from "../../diagnostics/text.ts";

export interface CataloguePlace {
  /** `compat/jupyter/Dockerfile`. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * Where an instruction of a build's Dockerfile stands in the catalogue. A composed Dockerfile names the directory of each
 * part in a comment before it, so the line is looked for in the files of the nearest one above.
 */
export function placeInCatalogue(build: ImageBuild, range: Range, catalogue: Catalogue): CataloguePlace | undefined {
  const { text } = build.dockerfile;
  if (build.kind === "science") {
    const layer = catalogue.science.find(({ target }) => build.id === `science/${target}`);
    return layer && { file: layer.dockerfile.path, line: lineOf(text, range.start) };
  }
  const before = text.slice(0, range.start);
  const headings = catalogue.compat.map((layer) => ({ layer, at: before.lastIndexOf(`# ${layer.directory}\n`) }));
  const nearest = headings.filter(({ at }) => at !== -1).sort((a, b) => b.at - a.at)[0];
  return nearest && placeInPart(nearest.layer.dockerfile, text, nearest.at, range);
}

/** The same line of text; the nth of that wording is the nth in the file. */
function placeInPart(source: SourceText, text: string, from: number, { start }: Range): CataloguePlace | undefined {
  const wanted = lineAt(text, start);
  const count = text
    .slice(from, start)
    .split("\n")
    .filter((line) => line === wanted).length;
  const lines = source.text.split("\n").map((line, at) => ({ line: line.replace(/\r$/, ""), at }));
  const same = lines.filter(({ line }) => line === wanted.replace(/\r$/, ""));
  const found = same[count] ?? same[0];
  return found && { file: source.path, line: found.at + 1 };
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, end === -1 ? undefined : end);
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
