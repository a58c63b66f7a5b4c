import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";

/** `severity code: message | help` of every problem. */
const problemsOf = (files: Files): string[] =>
  loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files })).diagnostics.map(
    ({ severity, code, message, help }) => `${severity} ${code}: ${message} | ${help ?? ""}`,
  );

const dockerfile = (name: string, text: string): Files => ({ [`science/${name}/Dockerfile`]: text });

describe("a base with an argument", () => {
  it.each([
    "FROM debian:${TAG:-bookworm}",
    "FROM debian:${TAG-bookworm}",
    "FROM debian${TAG:+:bookworm}",
    "FROM debian${TAG+:bookworm}",
    "FROM debian:${TAG:-${OTHER:-bookworm}}",
    "ARG OTHER=12\nFROM debian:${OTHER:-${TAG}}",
    "ARG OTHER=library/debian:bookworm\nFROM ${OTHER#library/}",
    "ARG OTHER=debian:bookworm-slim\nFROM ${OTHER%-slim}",
    "ARG OTHER=debian:book\nFROM ${OTHER/book/bookworm}",
    "FROM debian:12 AS a\nCOPY --from=debian:${TAG:-12} /etc/issue /x\n",
  ])("is known where its value is or a word stands for it: %s", (text) => {
    const found = problemsOf({ ...scienceFiles("a", "x"), ...dockerfile("a", `ARG TAG\n${text}\n`) });
    expect(found.filter((each) => each.startsWith("error"))).toEqual([]);
  });

  it.each([
    ["FROM debian:$TAG", "unresolved-argument: the argument TAG"],
    ["FROM debian:${TAG%-slim}", "unresolved-argument: the argument TAG"],
    ["FROM debian:${TAG:-$OTHER}", "unresolved-argument: the argument OTHER"],
    ["ARG OTHER=1\nFROM debian:${OTHER:+$TAG}", "unresolved-argument: the argument TAG"],
    ["FROM ${TAG:+debian}", "bad-reference"],
  ])("is not known where none does: %s", (text, words) => {
    const found = problemsOf({ ...scienceFiles("a", "x"), ...dockerfile("a", `ARG TAG\n${text}\n`) });
    expect(found.join("\n")).toContain(words);
  });
});

describe("a lower version of an image", () => {
  const chain: Files = {
    ...scienceFiles("old", "debian", { image: "nist" }),
    ...scienceFiles("new", "sci/old:1.0", { image: "nist", version: "2.0" }),
    ...scienceFiles("tools", "sci/new:2.0"),
    ...scienceFiles("old-2", "sci/old:1.0", { image: "nist" }),
  };

  it.each([
    "FROM sci/old:1.0\nCOPY --from=sci/tools:1.0 /t /t\n",
    "FROM sci/old:1.0\nRUN --mount=from=sci/new:2.0,target=/m true\n",
    "FROM sci/new:2.0 AS b\nFROM sci/old:1.0\nCOPY --from=b /t /t\n",
  ])("may copy from a higher one: %s", (text) => {
    expect(problemsOf({ ...chain, ...dockerfile("old-2", text) })).toEqual([]);
  });

  it.each(["FROM sci/tools:1.0\n", "FROM sci/tools:1.0 AS b\nFROM sci/old:1.0 AS c\nFROM b\n"])(
    "may not start from it: %s",
    (text) => {
      expect(problemsOf({ ...chain, ...dockerfile("old-2", text) }).join()).toContain("lower-version");
    },
  );
});

describe("a hint", () => {
  it("does not name the layer itself, or one that is built on it", () => {
    const found = problemsOf({
      ...scienceFiles("essentials-2", "sci/essentials:1.0", { image: "essentials" }),
      ...scienceFiles("essentials-3", "sci/essentials-2:1.0", { image: "other" }),
    });
    expect(found.join()).toContain('the target "essentials" | name a registry in full');
  });

  it("names another layer of nearly the name", () => {
    const found = problemsOf({ ...scienceFiles("essentials-2", "debian"), ...scienceFiles("x", "sci/essentials:1.0") });
    expect(found.join()).toContain('write "sci/essentials-2:1.0"');
  });

  it("does not lead a layer to another version of itself", () => {
    const found = problemsOf(scienceFiles("a", "sci/a:1.0", { version: "2.0" }));
    expect(found.join()).toContain(
      'has version 2.0, not 1.0 | name an image that was published by its unique tag, "sci/a:1.0-…"',
    );
  });
});

describe("a short name that a layer has too", () => {
  it("is warned of, since it is Docker Hub's", () => {
    const found = problemsOf({ ...scienceFiles("heasoft", "debian"), ...scienceFiles("x", "heasoft:latest") });
    expect(found).toEqual([
      'warning foreign-layer: heasoft:latest is an image of Docker Hub, although this catalogue has science/heasoft | write "sci/heasoft:1.0" to start from the catalogue\'s layer, or "docker.io/library/heasoft:latest" if Docker Hub\'s is meant',
    ]);
  });

  it.each([
    ["heasoft", "sci/heasoft:6.33"],
    [`heasoft@sha256:${"a".repeat(64)}`, "sci/heasoft:6.33"],
    ["science/heasoft:6.33", "sci/heasoft:6.33"],
    ["heasfot:6.33", "sci/heasoft:6.33"],
  ])("is told from others: %s", (base, meant) => {
    const found = problemsOf({ ...scienceFiles("heasoft", "debian", { version: "6.33" }), ...scienceFiles("x", base) });
    expect(found).toEqual([expect.stringMatching(`^warning foreign-layer: .* write "${meant}"`)]);
  });

  it.each(["heasfot:6.32", "science/astro:6.33", "others/heasoft:6.33", "docker.io/heasoft", "heasoftware:6.33"])(
    "is not seen in every name like it: %s",
    (base) => {
      const files = { ...scienceFiles("heasoft", "debian", { version: "6.33" }), ...scienceFiles("x", base) };
      expect(problemsOf(files)).toEqual([]);
    },
  );

  it("is not warned of where Docker Hub is named, or the layer itself starts from it", () => {
    const files = { ...scienceFiles("python", "python:3.11"), ...scienceFiles("x", "docker.io/library/python:3.11") };
    expect(problemsOf(files)).toEqual([]);
  });
});

describe("the name of a directory", () => {
  it.each(["Foo", "-rf", "a b", "a..b"])("is held to what it becomes a part of: %s", (name) => {
    const found = problemsOf({ ...scienceFiles(name, "debian", { image: "foo" }), ...compatFiles(name) });
    expect(found.map((each) => each.split(":")[0])).toEqual(["error wrong-name", "error wrong-name"]);
    expect(problemsOf(scienceFiles(name, "debian", { image: "foo", target: "foo" }))).toEqual([]);
  });
});

describe("a definition with a mistake", () => {
  it("leaves its layer where it is between others", () => {
    const found = problemsOf({
      ...scienceFiles("a", "debian", { image: "x" }),
      ...scienceFiles("b", "sci/a:1.0", { image: "x", platforms: ["linux/s390x"], compat: 5 }),
      ...scienceFiles("c", "sci/b:1.0", { image: "x" }),
    });
    expect(found.map((each) => each.split(":")[0])).toEqual(["error wrong-value", "error other-platform"]);
  });

  it("does not hide what else is wrong with its layer", () => {
    const found = problemsOf({
      "science/a/Dockerfile": "FROM sci/nowhere:1.0\n",
      "science/a/sciserver-image.json": { image: "a", compat: "jupiter", args: 5, colour: "red" },
      "science/b/sciserver-image.json": { image: "b", version: "1", compat: "jupiter" },
      "compat/c/Dockerfile": "FROM debian\n",
      "compat/c/sciserver-image.json": { includes: ["nothing"], test: "x" },
    });
    expect(found.map((each) => each.split(":")[0])).toEqual([
      "error from-in-fragment",
      "error unknown-include",
      "error wrong-type",
      "error unknown-parent",
      "error missing-key",
      "error unknown-compat",
      "error wrong-type",
      "error unknown-key",
      "error missing-dockerfile",
      "error unknown-compat",
    ]);
  });
});
