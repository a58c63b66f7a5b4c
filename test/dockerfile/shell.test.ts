import { describe, expect, it } from "vitest";
import { expandWord, type ShellOptions } from "../../src/dockerfile/index.ts";

const environment = new Map([
  ["A", "1"],
  ["E", ""],
  ["S", "a b"],
  ["P", "/usr/lib/foo.tar.gz"],
]);
const expand = (text: string, options?: ShellOptions) => expandWord(text, environment, options);

describe("expandWord", () => {
  it("uses the escape character it is given", () => {
    expect(expand("`$A \\$A C:\\x", { escape: "`" }).value).toBe("$A \\1 C:\\x");
  });

  it("keeps quotes where asked", () => {
    expect(expand(`'$A' "$A" \\'`, { quotes: "keep" }).value).toBe(`'$A' "1" '`);
    expect(expand(`'$A' "\\$A`, { quotes: "ignore" }).value).toBe(`'1' "$A`);
  });

  it("leaves variables without value as they are where asked", () => {
    const text = "$X ${X} ${X:-a} ${X#b} ${X//c/d} $A";
    expect(expand(text, { unset: "keep" }).value).toBe("$X ${X} ${X:-a} ${X#b} ${X//c/d} 1");
  });

  it("parts words at white space that is neither quoted nor escaped", () => {
    expect(expand(`a "b c" d\\ e $S "$S" ''  x''y`).words).toEqual(["a", "b c", "d e", "a", "b", "a b", "xy"]);
  });

  it("loses the beginning of a word before an operand, as BuildKit does", () => {
    expect(expand("80${X:-81}")).toMatchObject({ value: "8081", words: ["81"] });
    expect(expand("1 2 3${X:-4}5 6")).toMatchObject({ value: "1 2 345 6", words: ["1", "2", "45", "6"] });
  });

  it("names what had no value, once each", () => {
    expect(expand("$X ${Y:-$Z} $X $A ${E:-q}").unset).toEqual(["X", "Z", "Y"]);
  });

  it("ends with a problem instead of growing without limit", () => {
    const big = new Map([["B", "x".repeat(100_000)]]);
    expect(expandWord("$B".repeat(11), big).problem).toContain("longer than");
    expect(expandWord("${B#*x*x*x*y}", big).problem).toBeUndefined();
    expect(expandWord(`\${B#${"*x".repeat(200)}}`, big).problem).toContain("too long to match");
  });

  it("ends with a problem instead of a stack overflow", () => {
    expect(expand("${X:-".repeat(100_000) + "}".repeat(100_000)).problem).toContain("nested");
  });

  it.each([
    ["${P/*\\//}", "foo.tar.gz"],
    ["${P//[a-z]/x}", "/usr/lib/foo.tar.gz"],
    ["${P%%.*}", "/usr/lib/foo"],
    ["${P##*/}", "foo.tar.gz"],
    ["${P#/*/}", "lib/foo.tar.gz"],
  ])("matches the pattern of %s", (text, value) => {
    expect(expand(text).value).toBe(value);
  });

  it("does not match a line feed with a wildcard", () => {
    expect(expandWord("${L#a*b}", new Map([["L", "a\nb"]])).value).toBe("a\nb");
  });
});
