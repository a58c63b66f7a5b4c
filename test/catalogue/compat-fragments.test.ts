import { describe, expect, it } from "vitest";
import {
  bindingProblems,
  fragmentProblems,
  splitFragment,
  trailingBackslash,
} from "../../src/catalogue/compat-fragments.ts";
import type { CompatLayer } from "../../src/catalogue/model.ts";
import { parseDockerfile } from "../../src/dockerfile/parse.ts";
import { compat } from "../compose/world.ts";

const found = (
  text: string,
  includedBy: readonly string[] = [],
  more: Partial<Omit<CompatLayer, "bases" | "dockerfile" | "ignore">> = {},
) =>
  fragmentProblems(compat("x", text, more), includedBy).map(
    ({ severity, code, at }) => `${severity} ${code} ${at?.line ?? "-"}`,
  );

describe("a compat Dockerfile", () => {
  it("is all layer proper without FROM", () => {
    const text = "ARG A\nRUN a\n";
    const fragment = splitFragment(parseDockerfile(text));
    expect(fragment.proper.range).toEqual({ start: 0, end: text.length });
    expect(fragment.metaArgs).toEqual([]);
  });

  it("has stages of its own before FROM science, in any case", () => {
    const text = "ARG A\nFROM debian AS ui\nRUN a\nfrom Science\nCOPY --from=ui /a /a\n";
    const { stages, proper, head } = splitFragment(parseDockerfile(text));
    expect(stages.map(({ name }) => name)).toEqual(["ui"]);
    expect(text.slice(proper.range.start, proper.range.end)).toBe("COPY --from=ui /a /a\n");
    expect(text.slice(head.start, head.end)).toBe("ARG A\nFROM debian AS ui\nRUN a\n");
  });

  it.each([
    ["FROM debian\nRUN a\n", ["error from-in-fragment 1"]],
    ["FROM debian AS a\nFROM science\nFROM debian\n", ["error from-after-science 3"]],
    ["FROM debian AS a\nFROM science AS b\n", ["error from-science-alone 2"]],
    ["FROM debian AS science\nFROM science\n", ["error stage-named-science 1"]],
    ["RUN a\nFROM debian AS a\nFROM science\n", ["error before-first-stage 1"]],
    ["FROM debian AS a\nCOPY --from=science /a /a\nFROM science\n", ["error copy-from-science 2"]],
    ["# escape=`\nRUN a\n", ["error fragment-escape 1"]],
    ["# syntax=x/y\nRUN a\n", ["warning fragment-directive 1"]],
    ["RUN a \\\n", ["warning trailing-backslash 1"]],
    ["ARG A\nRUN a\n", []],
    ["", []],
  ])("%j is reported as %j", (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("is told what it leaves behind only where others include it", () => {
    expect(found("USER idies\n")).toEqual([]);
    expect(found("USER idies\n", ["jupyter"])).toEqual(["warning user-left-behind 1"]);
    expect(found("USER idies\nUSER root\n", ["jupyter"])).toEqual([]);
    expect(found('SHELL ["bash", "-c"]\n', ["jupyter"])).toEqual(["warning shell-left-behind 1"]);
  });

  it("takes the arguments of its definition", () => {
    expect(found("ARG A\n", [], { args: { A: "1", no_proxy: "x" } })).toEqual([]);
    expect(found("RUN a\n", [], { args: { A: "1" } })).toEqual(["warning unused-argument 1"]);
    expect(found("ARG A\n", [], { args: { A: "1\n2" } })).toEqual(["error argument-line-break 1"]);
  });
});

it("names each instruction that must run inside of a science image", () => {
  const layer = compat("x", "FROM debian AS a\nRUN a\nFROM science\nCOPY a /a\nRUN b\n");
  expect(bindingProblems(layer).map(({ at }) => at?.line)).toEqual([5]);
});

it.each([
  ["RUN a \\", 6],
  ["RUN a \\\n# c\n\n", 6],
  ["RUN a\n# c \\\n", undefined],
  ["RUN a \\\n  b\n", undefined],
])("a backslash that nothing follows in %j is at %s", (text, at) => {
  expect(trailingBackslash(text)).toBe(at);
});
