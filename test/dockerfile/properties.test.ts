import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createMatcher,
  expandWord,
  type Instruction,
  imageReferences,
  parseDockerfile,
  parseIgnoreFile,
  requiredFeatures,
  sameInstructions,
} from "../../src/dockerfile/index.ts";

const scraps = fc.constantFrom(
  ..."FROM ,COPY ,RUN ,ENV ,ARG ,LABEL ,ONBUILD ,CMD ,ADD ,USER ,HEALTHCHECK ,--from=,--mount=from=,AS ,x:1,a,B,$,${,},:-,#,\\,`,',\",[,],<<E,<<-E,E, ,\t,\u00a0,\r,=,é,😀,# escape=`,# syntax=x,--,*".split(
    ",",
  ),
  ",",
  "\n",
  "\n",
  "\\\n",
  "\nE\n",
);
const nearlyDockerfile = fc.array(scraps, { maxLength: 60 }).map((parts) => parts.join(""));
const anyText = fc.oneof(nearlyDockerfile, fc.string({ unit: "binary" }));

describe("any text", () => {
  it("is read without a failure, every range within it", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const dockerfile = parseDockerfile(text);
        for (const { range } of [...dockerfile.problems, ...dockerfile.directives]) expectWithin(range, text);
        for (const each of dockerfile.instructions) expectPlaces(each, text);
        requiredFeatures(dockerfile);
        expect(sameInstructions(text, text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("is the same after each reference is replaced by itself", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { range } of imageReferences(parseDockerfile(text), {})) {
          expect(text.slice(0, range.start) + text.slice(range.start, range.end) + text.slice(range.end)).toBe(text);
          expect(range.end).toBeGreaterThanOrEqual(range.start);
        }
      }),
    );
  });

  it("is expanded without a failure", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { value, words, problem } = expandWord(text, new Map([["x", "a b"]]));
        if (problem !== undefined) expect([value, words]).toEqual(["", []]);
      }),
      { numRuns: 1000 },
    );
  });
});

type Place = { readonly start: number; readonly end: number };

function expectWithin({ start, end }: Place, text: string): void {
  expect(start).toBeGreaterThanOrEqual(0);
  expect(end).toBeGreaterThanOrEqual(start);
  expect(end).toBeLessThanOrEqual(text.length);
}

function expectPlaces(instruction: Instruction, text: string): void {
  const { range, argsRange, flags, words, pairs, heredocs } = instruction;
  for (const each of [range, argsRange, ...[...flags, ...words, ...pairs, ...heredocs].map((one) => one.range)]) {
    expectWithin(each, text);
  }
  for (const each of [...flags, ...words, ...pairs]) {
    expect(each.range.start).toBeGreaterThanOrEqual(range.start);
    expect(each.range.end).toBeLessThanOrEqual(Math.max(range.end, argsRange.end));
  }
  if (instruction.inner !== undefined) expectPlaces(instruction.inner, text);
}

const word = fc.stringMatching(/^[a-z][a-z0-9./]{0,8}$/);
const line = fc.oneof(
  word.map((name) => `RUN ${name}  --x "$Y"`),
  fc.tuple(word, word).map(([a, b]) => `COPY ${a} /${b}`),
  fc.tuple(word, word).map(([a, b]) => `ENV ${a}="${b} c" D=e`),
  word.map((name) => `COPY <<E /${name}\n  ${name} # no comment\nE`),
  word.map((name) => `CMD ["${name}", "b"]`),
);
const body = fc.array(line, { minLength: 1, maxLength: 8 });

describe("a Dockerfile", () => {
  it("is the same with comments, blank lines and indentation between its instructions", () => {
    const filler = fc.constantFrom("", "\n", "# why\n", "  \t\n", "\t# FROM x\n\n");
    fc.assert(
      fc.property(body, fc.array(filler, { minLength: 9, maxLength: 9 }), (lines, fillers) => {
        const plain = ["FROM x", ...lines].join("\n");
        const padded = ["FROM x", ...lines].map((each, index) => `${fillers[index] ?? ""}  ${each}`).join("\n");
        expect(sameInstructions(plain, padded)).toBe(true);
      }),
    );
  });

  it("is another one when an instruction changes", () => {
    fc.assert(
      fc.property(body, fc.nat(), line, (lines, at, other) => {
        const changed = lines.with(at % lines.length, other);
        const same = changed.join("\n") === lines.join("\n");
        expect(sameInstructions(`FROM x\n${lines.join("\n")}`, `FROM x\n${changed.join("\n")}`)).toBe(same);
      }),
    );
  });

  it("has a reference for every image, at its place", () => {
    const image = fc.stringMatching(/^[a-z]{1,5}\/[a-z]{1,5}:[0-9.]{1,4}$/);
    const breaks = fc.constantFrom(" ", "  ", " \\\n  ", " \\\n# c\n ");
    fc.assert(
      fc.property(fc.array(fc.tuple(image, breaks), { minLength: 1, maxLength: 5 }), (images) => {
        const text = images
          .map(
            ([name, gap], index) =>
              `${index % 2 === 0 ? "FROM" : "from"}${gap}${name} AS s${index}\nCOPY${gap}--from=${name}${gap}a b`,
          )
          .join("\n");
        const found = imageReferences(parseDockerfile(text), {});
        expect(found.map((each) => text.slice(each.range.start, each.range.end))).toEqual(
          images.flatMap(([name]) => [name, name]),
        );
      }),
    );
  });
});

describe("an ignore matcher", () => {
  const part = fc.constantFrom("a", "b", "c.md", "*", "**", "?", "*.md", "a*");
  const pattern = fc
    .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 }))
    .map(([isException, parts]) => (isException ? "!" : "") + parts.join("/"));
  const path = fc
    .array(fc.constantFrom("a", "b", "c.md", "ab"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"));

  it("prunes no folder that holds something kept", () => {
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 5 }),
        path,
        fc.constantFrom("a", "b", "c.md"),
        (patterns, folder, name) => {
          const matcher = createMatcher(parseIgnoreFile(patterns.join("\n")).patterns);
          const verdict = folder
            .split("/")
            .map((_, index, parts) => parts.slice(0, index + 1).join("/"))
            .reduce<ReturnType<typeof matcher.look> | undefined>(
              (parent, each) => matcher.look(each, parent?.state),
              undefined,
            );
          if (verdict?.prune) expect(matcher.matches(`${folder}/${name}`)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
