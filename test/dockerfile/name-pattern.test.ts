import { describe, expect, it } from "vitest";
import { compileNamePattern } from "../../src/dockerfile/index.ts";

/** What Go's own tests say of path/filepath.Match, and some of ours; undefined: no pattern. */
const answers: readonly (readonly [pattern: string, name: string, matches: boolean | undefined])[] = [
  ["abc", "abc", true],
  ["*", "abc", true],
  ["*c", "abc", true],
  ["a*", "a", true],
  ["a*", "abc", true],
  ["a*b*c*d*e*", "axbxcxdxe", true],
  ["a*b*c*d*e*", "axbxcxdxexxx", true],
  ["a*b?c*x", "abxbbxdbxebxczzx", true],
  ["a*b?c*x", "abxbbxdbxebxczzy", false],
  ["ab[c]", "abc", true],
  ["ab[b-d]", "abc", true],
  ["ab[e-g]", "abc", false],
  ["ab[^c]", "abc", false],
  ["ab[^b-d]", "abc", false],
  ["ab[^e-g]", "abc", true],
  ["a\\*b", "a*b", true],
  ["a\\*b", "ab", false],
  ["a?b", "a☺b", true],
  ["a[^a]b", "a☺b", true],
  ["a?b", "a😀b", true],
  ["a???b", "a☺b", false],
  ["[a-ζ]*", "α", true],
  ["*[a-ζ]", "A", false],
  ["[\\]a]", "]", true],
  ["[\\-]", "-", true],
  ["[x\\-]", "-", true],
  ["[x\\-]", "z", false],
  ["[\\-x]", "a", false],
  ["[]a]", "]", undefined],
  ["[-]", "-", undefined],
  ["[x-]", "x", undefined],
  ["[-x]", "x", undefined],
  ["[a-b-c]", "a", undefined],
  ["[", "a", undefined],
  ["[^", "a", undefined],
  ["[^bc", "a", undefined],
  ["\\", "a", undefined],
  ["a[", "ab", undefined],
  ["*x", "xxx", true],
  ["**a", "ba", true],
  ["", "", true],
  ["", "a", false],
  ["?", "", false],
  ["a+(b|c)$.", "a+(b|c)$.", true],
  ["line*", "line\nfeed", true],
];

describe("a pattern for names", () => {
  it.each(answers)("%j on %j says %j", (pattern, name, expected) => {
    expect(compileNamePattern(pattern)?.(name)).toBe(expected);
  });

  it("tries no combination of stars", () => {
    const matches = compileNamePattern(`${"*a".repeat(1000)}b`);
    expect([matches?.("a".repeat(4000)), matches?.(`${"a".repeat(4000)}b`)]).toEqual([false, true]);
  });
});
