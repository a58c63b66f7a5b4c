import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import type { SourceText } from "../../src/catalogue/model.ts";
import { composeBuilds } from "../../src/compose/compose.ts";
import type { ImageBuild } from "../../src/compose/model.ts";
import { type ComposedText, locateOrigin } from "../../src/compose/origins.ts";
import { renderDockerfile } from "../../src/compose/render.ts";
import { cutPiece, joinPieces, sourcePiece, textPiece } from "../../src/compose/text-pieces.ts";
import { chooseEngines } from "../../src/engines/choice/choose-engines.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { changes } from "../support/literal.ts";
import type { Files } from "../support/repository.ts";
import { randomLayers } from "./random-layers.ts";

/** Every build of a catalogue that lies on disk for a moment, also those that stages are split off from. */
function buildsOf(files: Files): ImageBuild[] {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-origins-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof text === "string" ? text : JSON.stringify(text));
    }
    const catalogue = loadCatalogue(folder);
    const plan = makePlan(catalogue, changes([], { since: { kind: "all" } }));
    const directories = [...catalogue.science, ...catalogue.compat].map(({ directory }) => directory);
    const whole = composeBuilds(plan, catalogue, Object.fromEntries(directories.map((each) => [each, []])));
    const split = chooseEngines(whole, { destination: "registry" }).builds;
    return [...new Set([...whole, ...split])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As templates, and as both kinds of engines get them. */
const composedOf = ({ dockerfile }: ImageBuild): ComposedText[] => {
  const pins = dockerfile.references.map((_, at) => ({ reference: `pinned/${at}@sha256:1`, name: "x" }));
  return [dockerfile, renderDockerfile(dockerfile, pins, "run"), renderDockerfile(dockerfile, pins, "keep")];
};

function expectSameCharacters({ text, origins }: ComposedText, files: Files): void {
  let last = 0;
  for (const { start, end, source, offset, length } of origins) {
    expect(start).toBeGreaterThanOrEqual(last);
    expect(source.text).toBe(files[source.path]);
    if (length === undefined) expect(text.slice(start, end)).toBe(source.text.slice(offset, offset + end - start));
    else expect(source.path).toMatch(/^compat\/.*\/sciserver-image.json$/);
    last = end;
  }
  expect(last).toBeLessThanOrEqual(text.length);
}

/** Counts lines and columns the long way. */
function expectMarksAtTheirPlace(composed: ComposedText, files: Files): void {
  for (const { 0: mark, index } of composed.text.matchAll(/mark-\d+-/g)) {
    const [path, text] = Object.entries(files).find(([, each]) => (each as string).includes(mark)) as [string, string];
    const lines = text.slice(0, text.indexOf(mark)).split("\n");
    const found = locateOrigin(composed, { start: index, end: index + mark.length });
    expect(found?.at).toEqual({ file: path, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 });
    expect(found?.excerpt.text.slice((found?.at.column ?? 0) - 1)).toMatch(new RegExp(`^${mark}`));
  }
}

describe("a composed Dockerfile of any catalogue", () => {
  it("is, character by character, what stands in the catalogue, or was written by image-builder", () => {
    fc.assert(
      fc.property(randomLayers, (files) => {
        for (const composed of buildsOf(files).flatMap(composedOf)) expectSameCharacters(composed, files);
      }),
      { numRuns: 30 },
    );
  });

  it("has everything that a layer says at its place in the catalogue", () => {
    fc.assert(
      fc.property(randomLayers, (files) => {
        for (const composed of buildsOf(files).flatMap(composedOf)) expectMarksAtTheirPlace(composed, files);
      }),
      { numRuns: 30 },
    );
  });

  it("has no more of its own than names of stages, arguments, references and what is declared", () => {
    fc.assert(
      fc.property(randomLayers, (files) => {
        for (const { dockerfile } of buildsOf(files)) expect(ownLines(dockerfile)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

/** Lines that are wholly image-builder's and should not be. */
function ownLines({ text, origins }: ComposedText): string[] {
  let at = 0;
  return text.split("\n").filter((line) => {
    const [start, end] = [at, at + line.length];
    at = end + 1;
    const isOwn = line !== "" && !origins.some((each) => each.start < end && start < each.end);
    return isOwn && !/^(?:# |FROM science$|ARG http_proxy=|ENV SCISERVER_IMAGE=)/.test(line);
  });
}

const source: SourceText = { path: "compat/x/Dockerfile", text: "FROM a\r\nCOPY --from=tool /a /b\nENV A=1" };
const range = (text: string, part: string) => ({ start: text.indexOf(part), end: text.indexOf(part) + part.length });

describe("a place in a composed Dockerfile", () => {
  const tool = { range: range(source.text, "tool"), put: "x-tool-by-another-name" };
  const piece = cutPiece(sourcePiece(source), { start: 8, end: source.text.length }, [tool]);
  const composed = joinPieces([textPiece("# compat/x\n"), piece, textPiece("ENV B=2\n")]);
  const at = (part: string) => locateOrigin(composed, range(composed.text, part));

  it("is that of the catalogue, behind what was left out and beside what was replaced", () => {
    expect(composed.text).toBe("# compat/x\nCOPY --from=x-tool-by-another-name /a /b\nENV A=1\nENV B=2\n");
    expect(at("/a")).toEqual({
      at: { file: source.path, line: 2, column: 18 },
      excerpt: { text: "COPY --from=tool /a /b", length: 2 },
    });
    expect(at("ENV A=1")).toMatchObject({ at: { line: 3, column: 1 }, excerpt: { length: 7 } });
  });

  it("takes in what stands there in the catalogue for something that was replaced", () => {
    const text = "COPY --from=x-tool-by-another-name /a";
    expect(at(text)).toMatchObject({ at: { line: 2, column: 1 }, excerpt: { length: "COPY --from=tool /a".length } });
  });

  it("is where the replaced text began, for what was put there", () => {
    expect(at("by-another-name")).toMatchObject({ at: { line: 2, column: 13 } });
  });

  it("is the declaration for instructions that carry it out", () => {
    const definition = '{\n  "user": { "name": "idies", "uid": 1000, "home": "/home/idies" }\n}\n';
    const [build] = buildsOf({
      "compat/x/sciserver-image.json": definition,
      "compat/x/Dockerfile": "ENV A=1\n",
      "science/a/sciserver-image.json": { image: "a", version: "1.0", compat: "x" },
      "science/a/Dockerfile": "FROM debian\n",
    }).filter(({ kind }) => kind === "compat");
    const pins = [{ reference: "a", name: "a", user: "33" }];
    const rendered = build && renderDockerfile(build.dockerfile, pins, "run");
    if (!rendered) throw new Error("nothing was composed");
    for (const line of ["USER 0", "RUN [", "USER 33"]) {
      expect(locateOrigin(rendered, range(rendered.text, line))).toEqual({
        at: { file: "compat/x/sciserver-image.json", line: 2, column: 3 },
        excerpt: { text: definition.split("\n")[1], length: 6 },
      });
    }
    expect(locateOrigin(rendered, range(rendered.text, "ENV A"))?.at.file).toBe("compat/x/Dockerfile");
  });

  it("is nowhere for a line of image-builder's own", () => {
    expect(at("# compat/x")).toBeUndefined();
    expect(at("ENV B=2")).toBeUndefined();
  });
});
