import { describe, expect, it } from "vitest";
import { sameInstructions } from "../../src/dockerfile/index.ts";

const text = `# syntax=docker/dockerfile:1
ARG V=1
FROM x:$V AS a
RUN apt-get update && \\
    apt-get install  y
COPY --from=b a /b
ENV A=1 B="c d"
CMD ["a", "b c"]
COPY <<E /x
one
E
ONBUILD RUN x
`;
const replaced = (from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe("sameInstructions", () => {
  it.each([
    ["a comment", "ARG V", "# why\nARG V"],
    ["an indented comment", "FROM x", "  # why\n\nFROM x"],
    ["a comment among continuations", "&& \\\n", "&& \\\n  # why\n"],
    ["an empty line among continuations", "&& \\\n", "&& \\\n\n"],
    ["a blank behind a continuation", "&& \\\n", "&& \\ \n"],
    ["indentation", "COPY --from", "\t COPY --from"],
    ["blanks at the end of a line", "AS a\n", "AS a  \n"],
    ["blanks between words", "a /b", "a   /b"],
    ["a continuation between words", "a /b", "a \\\n  /b"],
    ["blanks between pairs", "A=1 B", "A=1 \\\n   B"],
    ["blanks in a JSON array", '["a", "b c"]', '[ "a" ,"b c" ]'],
    ["no line end at the end", "RUN x\n", "RUN x"],
    ["a byte order mark", "# syntax", "\ufeff# syntax"],
  ])("does not mind %s", (_, from, to) => {
    expect(sameInstructions(text, replaced(from, to))).toBe(true);
  });

  it("does not mind the line ends outside of heredocs", () => {
    const lines = "FROM x\nRUN a \\\n b\nCMD c\n";
    expect(sameInstructions(lines, lines.replaceAll("\n", "\r\n"))).toBe(true);
    expect(sameInstructions(text, text.replaceAll("\n", "\r\n"))).toBe(false);
  });

  it.each([
    ["a blank that a shell reads", "install  y", "install y"],
    ["indentation that a shell reads", "    apt-get", "  apt-get"],
    ["a word", "a /b", "a /c"],
    ["a flag", "--from=b", "--from=c"],
    ["a blank within quotes", '"c d"', '"c  d"'],
    ["a blank within a JSON string", '"b c"', '"b  c"'],
    ["shell form in place of JSON", '["a", "b c"]', "a b c"],
    ["a heredoc's body", "one\n", "one \n"],
    ["a heredoc's quotes", "<<E", "<<'E'"],
    ["a trigger's blanks", "RUN x\n", "RUN x \n"],
    ["a directive", "dockerfile:1", "dockerfile:2"],
    ["a comment that becomes a directive", "# syntax", "# check=skip=all\n# syntax"],
    ["a directive that becomes a comment", "# syntax", "#\n# syntax"],
    ["the case of a keyword", "ENV", "env"],
    ["the order", "ARG V=1\nFROM x:$V AS a\n", "FROM x:$V AS a\nARG V=1\n"],
    ["an old pair", 'A=1 B="c d"', "A 1"],
  ])("minds %s", (_, from, to) => {
    expect(sameInstructions(text, replaced(from, to))).toBe(false);
  });

  it("tells the old form of ENV from the new one", () => {
    expect(sameInstructions("FROM x\nENV a b", "FROM x\nENV a=b")).toBe(false);
    expect(sameInstructions("FROM x\nENV a  b", "FROM x\nENV a b")).toBe(true);
  });

  it("takes what BuildKit would refuse for equal to itself alone", () => {
    expect(sameInstructions("FROM x\nFOO  a", "FROM x\nFOO  a")).toBe(true);
    expect(sameInstructions("FROM x\nFOO  a", "FROM x\n# c\nFOO  a")).toBe(false);
  });

  it("compares parts of Dockerfiles, which have no FROM", () => {
    expect(sameInstructions("RUN a", "# why\nRUN a")).toBe(true);
  });
});
