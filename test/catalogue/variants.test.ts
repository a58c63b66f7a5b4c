import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { layerKey } from "../../src/naming/build-id.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";

/** A directory `science/p` with this definition, and what else there is in the catalogue. */
const loadP = (definition: object | string, more: Files = {}) =>
  loadCatalogue(
    folderOf({
      ...compatFiles("jupyter"),
      "science/p/sciserver-image.json": typeof definition === "string" ? definition : JSON.stringify(definition),
      "science/p/Dockerfile": "ARG BASE=debian\nFROM $BASE\n",
      ...more,
    }),
  );

const common = { image: "py", compat: "jupyter" };

/** `code file:line:column` of every problem. */
const problemsOf = (...world: Parameters<typeof loadP>): string[] =>
  loadP(...world).diagnostics.map(({ code, at }) => `${code} ${at?.file}:${at?.line}:${at?.column}`);

describe("a definition with variants", () => {
  it("is a layer for each entry, which share a target", () => {
    const { science, diagnostics } = loadP({
      ...common,
      args: { A: "1", B: "1" },
      labels: { team: "x" },
      test: ["true"],
      variants: [
        { version: "1" },
        { version: "2", args: { B: "2" }, labels: { gpu: "yes" }, test: [], image: "py-gpu", retires: ["0"] },
      ],
    });
    expect(diagnostics).toEqual([]);
    expect(science.map(layerKey)).toEqual(["p:1", "p:2"]);
    expect(science.map(({ image, target, version }) => `${image} ${target} ${version}`)).toEqual([
      "py p 1",
      "py-gpu p 2",
    ]);
    expect(science.map(({ args }) => args)).toEqual([
      { A: "1", B: "1" },
      { A: "1", B: "2" },
    ]);
    expect(science.map(({ labels }) => labels)).toEqual([{ team: "x" }, { team: "x", gpu: "yes" }]);
    expect(science.map(({ test, retires }) => [test, retires])).toEqual([
      [[{ name: "true", run: "true" }], []],
      [[], ["0"]],
    ]);
  });

  it.each([
    ['[{ "version": "1" }, { "version": "2" }]', "1"],
    ['{ "$schema": "x", "variants": [{ "version": "1" }, { "version": "2" }] }', "1"],
    ['# of a program\n[{ "version": "1" }, { "version": 2.10 },]', "1"],
  ])("may name a file that lists them: %s", (list) => {
    const { science, diagnostics } = loadP({ ...common, variants: "list.json" }, { "science/p/list.json": list });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(science.map(({ version }) => version)).toEqual(["1", list.includes("2.10") ? "2.10" : "2"]);
  });

  it("finds the base of each by its own arguments", () => {
    const { science, diagnostics } = loadP(
      {
        ...common,
        args: { BASE: "sci/q:1" },
        variants: [{ version: "1" }, { version: "2", args: { BASE: "sci/q:2" } }],
      },
      {
        "science/q/sciserver-image.json": JSON.stringify({
          ...common,
          image: "q",
          variants: [{ version: "1" }, { version: "2" }],
        }),
        "science/q/Dockerfile": "FROM debian\n",
      },
    );
    expect(diagnostics).toEqual([]);
    expect(science.flatMap(({ bases }) => bases.map(({ source }) => source))).toEqual([
      { kind: "parent", target: "q", version: "1", variant: true },
      { kind: "parent", target: "q", version: "2", variant: true },
      { kind: "external" },
      { kind: "external" },
    ]);
  });
});

describe("a mistake in variants is told at its place", () => {
  const inline = (variants: string, more = '"image":"py","compat":"jupyter"') => `{${more},\n"variants": ${variants}}`;
  it.each([
    [inline("[]"), "no-variants science/p/sciserver-image.json:2:13"],
    [inline("{}"), "wrong-value science/p/sciserver-image.json:2:13"],
    [inline("true"), "wrong-value science/p/sciserver-image.json:2:13"],
    [inline("[{}]"), "missing-key science/p/sciserver-image.json:2:14"],
    [inline('["1"]'), "wrong-type science/p/sciserver-image.json:2:14"],
    [inline('[{"version":"1"},{"version":"1"}]'), "duplicate-variant science/p/sciserver-image.json:2:41"],
    [inline('[{"version":"1","target":"x"}]'), "unknown-key science/p/sciserver-image.json:2:29"],
    [inline('[{"version":"1","agrs":{}}]'), "unknown-key science/p/sciserver-image.json:2:29"],
    [inline('[{"version":"1","args":{"A":1}}]'), "wrong-type science/p/sciserver-image.json:2:41"],
    [inline('[{"version":"a b"}]'), "wrong-value science/p/sciserver-image.json:2:25"],
    [inline('[{"version":1}]'), "version-number science/p/sciserver-image.json:2:25"],
    [inline('[{"version":"1-2-abcdef0"}]'), "same-tag science/p/sciserver-image.json:2:25"],
    [inline('[{"version":"1","compat":"gone"}]'), "unknown-compat science/p/sciserver-image.json:2:38"],
    [
      inline('[{"version":"1"}]', '"image":"py","compat":"jupyter","version":"1"'),
      "version-beside-variants science/p/sciserver-image.json:1:44",
    ],
    ['{"image":"py","compat":"jupyter"}', "missing-key science/p/sciserver-image.json:1:1"],
    [inline('"none.json"'), "missing-variants science/p/sciserver-image.json:2:13"],
    [inline('"../list.json"'), "wrong-value science/p/sciserver-image.json:2:13"],
    [inline('"sciserver-image.json"'), "wrong-value science/p/sciserver-image.json:2:13"],
    [inline('"list.yaml"'), "wrong-value science/p/sciserver-image.json:2:13"],
  ])("%j", (definition, problem) => {
    expect(problemsOf(definition)).toEqual([problem]);
  });

  it.each([
    ["[]", "no-variants science/p/list.json:1:1"],
    ['{ "variants": [] }', "no-variants science/p/list.json:1:15"],
    ["[{}]", "missing-key science/p/list.json:1:2"],
    ['{ "versions": [] }', "missing-key science/p/list.json:1:1"],
    ['[{"version":"1","comapt":"x"}]', "unknown-key science/p/list.json:1:17"],
    ['[{"version":"1"},\n{"version":"1"}]', "duplicate-variant science/p/list.json:2:12"],
    ['[{"version":"1","compat":"gone"}]', "unknown-compat science/p/list.json:1:26"],
    ["[{", "invalid-json science/p/list.json:1:3"],
  ])("in the file %j", (list, problem) => {
    const [first] = problemsOf({ ...common, variants: "list.json" }, { "science/p/list.json": list });
    expect(first).toBe(problem);
  });

  it("names the versions there are where FROM asks for another", () => {
    const { diagnostics } = loadP(
      { ...common, variants: [{ version: "3.11" }, { version: "3.12" }] },
      scienceFiles("top", "sci/p:3.13", { image: "top" }),
    );
    expect(diagnostics.map(({ message, help }) => `${message} | ${help}`)).toEqual([
      expect.stringMatching(/^science image "p" has versions 3\.11, 3\.12, not 3\.13 \| write "sci\/p:3\.1[12]"/),
    ]);
  });

  it("refuses one variant on another, directly or through a layer between", () => {
    const bases = (base: string) => ({
      ...common,
      variants: [{ version: "1" }, { version: "2", args: { BASE: base } }],
    });
    expect(problemsOf(bases("sci/p:1"))).toEqual(["target-twice science/p/Dockerfile:2:6"]);
    expect(problemsOf(bases("sci/mid:1.0"), scienceFiles("mid", "sci/p:1", { image: "mid" }))).toEqual([
      "target-twice science/p/Dockerfile:2:6",
    ]);
    expect(problemsOf(bases("sci/p:2"))).toEqual(["dependency-cycle science/p/Dockerfile:2:6"]);
  });

  it("says what all variants have in common once", () => {
    const variants = [{ version: "1" }, { version: "2" }];
    expect(problemsOf({ ...common, compat: "gone", variants })).toHaveLength(1);
    expect(problemsOf({ ...common, variants }, { "science/p/Dockerfile": "FROM sci/none:1\n" })).toHaveLength(1);
    expect(problemsOf({ ...common, variants, target: "q" }, scienceFiles("q", "debian", { image: "q" }))).toEqual([
      "duplicate-target science/q/sciserver-image.json:1:1",
    ]);
  });
});
