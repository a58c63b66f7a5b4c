import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { compatFiles, type Files, folderOf, scienceFiles, seedExample } from "../support/repository.ts";

/** `code file:line:column` of every problem. */
function problemsOf(files: Files): string[] {
  const { diagnostics } = loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files }));
  return diagnostics.map(({ code, at }) => (at ? `${code} ${at.file}:${at.line}:${at.column}` : code));
}

const messageOf = (files: Files): string =>
  loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files }))
    .diagnostics.map(({ message, help }) => `${message} | ${help ?? ""}`)
    .join("\n");

describe("a catalogue", () => {
  it("without mistakes has no problems", () => {
    expect(problemsOf(seedExample)).toEqual([]);
  });

  it("says of keys that are taken and not heeded yet that they have no effect", () => {
    const layer = (definition: object) => scienceFiles("x", "debian", definition);
    expect(problemsOf(layer({ platforms: ["linux/amd64"], secrets: [] }))).toEqual([]);
    expect(messageOf(layer({ platforms: ["linux/amd64", "linux/arm64"] }))).toBe(
      '"platforms" has no effect yet: science/x is built for linux/amd64, and not for linux/arm64 | leave linux/arm64 out of "platforms" until then',
    );
    expect(problemsOf(layer({ platforms: ["linux/arm64"] }))).toEqual([
      "other-platform science/x/sciserver-image.json:5:16",
    ]);
  });

  it("holds the secrets that a Dockerfile reads against those that are declared", () => {
    const layer = (secrets: readonly string[], mount: string) => ({
      ...scienceFiles("x", "debian", { secrets }),
      "science/x/Dockerfile": `FROM debian\nRUN --mount=${mount} true\n`,
    });
    expect(problemsOf(layer(["token"], "type=secret,id=token"))).toEqual([]);
    expect(problemsOf(layer(["token"], "type=secret,target=/etc/token"))).toEqual([]);
    expect(problemsOf(layer(["tokens"], "type=secret,id=token,required=true"))).toEqual([
      "undeclared-secret science/x/Dockerfile:2:13",
      "unused-secret science/x/sciserver-image.json:5:14",
    ]);
    expect(messageOf(layer(["tokens"], "type=secret,id=token,required=true"))).toContain('did you mean "tokens"');
    expect(problemsOf(layer(["token"], "type=cache,target=/c"))).toEqual([
      "unused-secret science/x/sciserver-image.json:5:14",
    ]);
    expect(
      problemsOf({ ...compatFiles("jupyter"), "compat/jupyter/Dockerfile": "RUN --mount=type=secret,id=key true\n" }),
    ).toEqual(["undeclared-secret compat/jupyter/Dockerfile:1:13"]);
  });

  it("says what is wrong of a freeze and its exceptions", () => {
    const settings = (value: object) => ({ "image-builder.json": JSON.stringify(value) });
    expect(problemsOf(settings({ freeze: true, mayChange: { "python:numpy": "x" }, tests: "always" }))).toEqual([]);
    expect(messageOf(settings({ freeze: "enforced" }))).toContain('"freeze" is "enforced"');
    expect(problemsOf(settings({ freeze: "enforced" }))).toEqual(["wrong-value image-builder.json:1:11"]);
    expect(messageOf(settings({ mayChange: { numpy: "x" } }))).toContain(
      "expected KIND:NAME, where KIND is python, r,",
    );
    expect(problemsOf(settings({ mayChange: { numpy: "x" } }))).toEqual(["wrong-key image-builder.json:1:15"]);
    expect(messageOf(settings({ mayChange: { "python:numpy": " " } }))).toContain("expected a reason");
    const compat = { "compat/jupyter/sciserver-image.json": '{ "freeze": 1 }' };
    expect(problemsOf(compat)).toEqual(["wrong-value compat/jupyter/sciserver-image.json:1:13"]);
  });

  it("is read with #, // and block comments, a byte order mark and trailing commas", () => {
    const text =
      '\uFEFF{ # final "image"\n  "image": "a#b//c", // two\n /* } */ "version": "1", "compat": "jupyter",\n}\n';
    expect(
      problemsOf({
        "science/x/Dockerfile": "FROM scratch\n",
        "science/x/sciserver-image.json": text.replace("a#b//c", "x"),
      }),
    ).toEqual([]);
    expect(problemsOf({ "science/x/Dockerfile": "FROM scratch\n", "science/x/sciserver-image.json": text })).toEqual([
      "wrong-value science/x/sciserver-image.json:2:12",
    ]);
  });

  it("shows all problems at once, sorted by place", () => {
    const found = problemsOf({
      ...scienceFiles("b", "sci/nowhere:1.0", { compat: "jupiter" }),
      ...scienceFiles("a", "rel/b:1.0", { colour: "red" }),
      "science/c/Dockerfile": "FROM debian\n",
      "science/c/sciserver-image.json": '{ "image": "c" "version": "1" }',
    });
    expect(found).toEqual([
      "base-in-rel science/a/Dockerfile:1:6",
      "unknown-key science/a/sciserver-image.json:5:3",
      "unknown-parent science/b/Dockerfile:1:6",
      "unknown-compat science/b/sciserver-image.json:4:13",
      "invalid-json science/c/sciserver-image.json:1:16",
    ]);
  });
});

describe("the folders of layers", () => {
  it.each(["science", "compat"])("are no links, behind which changes would go unseen: %s", (name) => {
    const path = folderOf(seedExample);
    renameSync(join(path, name), join(path, "real"));
    symlinkSync("real", join(path, name));
    const { diagnostics } = loadCatalogue(path);
    expect(diagnostics.map(({ code, at }) => `${code} ${at?.file}`)).toEqual([`linked-directory ${name}`]);
  });

  it("are no files", () => {
    expect(messageOf({ science: "a file" })).toContain("science is no folder");
  });
});

describe("a definition", () => {
  const broken = (definition: string): Files => ({
    "science/x/Dockerfile": "FROM scratch\n",
    "science/x/sciserver-image.json": definition,
  });

  it("keeps the spelling of a bare number and asks for quotes", () => {
    const files = broken('{"image":"x","version":2.10,"compat":"jupyter"}');
    expect(problemsOf(files)).toEqual(["version-number science/x/sciserver-image.json:1:24"]);
    expect(loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files })).science[0]?.version).toBe("2.10");
  });

  it.each([
    ['{"image":"x","version":"1","compat":"jupyter","versoin":"2"}', "unknown-key", 'did you mean "version"?'],
    ['{"version":"1","compat":"jupyter"}', "missing-key", '"image" is missing'],
    ['{"image":"X y","version":"1","compat":"jupyter"}', "wrong-value", "lower-case"],
    ['{"image":"x","version":"1 2","compat":"jupyter"}', "wrong-value", "as a tag allows"],
    [`{"image":"x","version":"${"1".repeat(90)}","compat":"jupyter"}`, "wrong-value", "at most 72"],
    ['{"image":"x","version":true,"compat":"jupyter"}', "wrong-type", "a text was expected"],
    ['{"image":"x","image":"y","version":"1","compat":"jupyter"}', "duplicate-key", "given twice"],
    ['{"image":"x","version":"1","compat":"jupyter","__proto__":{}}', "unknown-key", "__proto__"],
    ["[]", "wrong-type", "a list"],
    ["", "invalid-json", "a value is expected"],
    ['{"image":"x","version":"1","compat":"jupyter","args":{"A B":"1"}}', "wrong-key", "letters"],
  ])("%s is refused with %s", (definition, code, words) => {
    const [found = ""] = problemsOf(broken(definition));
    expect(found).toContain(code);
    expect(messageOf(broken(definition))).toContain(words);
  });
});

describe("a directory", () => {
  it("without a definition is named, with the nearly right file name", () => {
    const files = { "science/x/Dockerfile": "FROM scratch\n", "science/x/sciserver_image.json": "{}" };
    expect(problemsOf(files)).toEqual(["missing-definition science/x/sciserver-image.json:1:1"]);
    expect(messageOf(files)).toContain("rename science/x/sciserver_image.json to sciserver-image.json");
  });

  it("without a Dockerfile is named, with the nearly right file name", () => {
    const files = {
      "science/x/dockerfile": "FROM scratch\n",
      "science/x/sciserver-image.json": { image: "x", version: "1", compat: "jupyter" },
    };
    expect(problemsOf(files)).toEqual(["missing-dockerfile science/x/Dockerfile:1:1"]);
    expect(messageOf(files)).toContain("rename science/x/dockerfile to Dockerfile");
  });

  it("may have files beside it and hidden directories", () => {
    expect(problemsOf({ "science/README.md": "hello", "science/.cache/x": "y" })).toEqual([]);
  });
});

describe("compat layers", () => {
  it("that include each other in a circle are shown with the path", () => {
    const files = { ...compatFiles("a", ["b"]), ...compatFiles("b", ["c"]), ...compatFiles("c", ["a"]) };
    expect(problemsOf(files)).toEqual(["include-cycle compat/c/sciserver-image.json:3:5"]);
    expect(messageOf(files)).toContain("a → b → c → a");
  });

  it("in a diamond are no circle", () => {
    expect(
      problemsOf({
        ...compatFiles("top", ["left", "right"]),
        ...compatFiles("left", ["base"]),
        ...compatFiles("right", ["base"]),
        ...compatFiles("base"),
      }),
    ).toEqual([]);
  });

  it("that are included must exist", () => {
    expect(messageOf(compatFiles("a", ["jupytre"]))).toContain('no compat layer "jupytre"; did you mean "jupyter"?');
  });
});

describe("science layers", () => {
  it("have a target of their own", () => {
    const found = problemsOf({
      ...scienceFiles("a", "scratch", { target: "t" }),
      ...scienceFiles("b", "scratch", { target: "t" }),
    });
    expect(found).toEqual(["duplicate-target science/b/sciserver-image.json:5:13"]);
  });

  it("name a version that exists", () => {
    const files = { ...scienceFiles("nist-basic", "debian"), ...scienceFiles("other", "sci/nist-basic:1.1") };
    const [found] = loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files })).diagnostics;
    expect(found).toMatchObject({
      code: "unknown-parent",
      message: 'science image "nist-basic" has version 1.0, not 1.1',
      at: { file: "science/other/Dockerfile", line: 1, column: 6 },
      excerpt: { text: "FROM sci/nist-basic:1.1", length: 18 },
      notes: [
        {
          message: '"nist-basic" is defined here',
          at: { file: "science/nist-basic/sciserver-image.json", line: 3, column: 14 },
        },
      ],
      help: 'write "sci/nist-basic:1.0", or name a registry in full to start from an image this catalogue does not build',
    });
  });

  it("do not start from a compat build", () => {
    expect(problemsOf(scienceFiles("a", "rel/a:1.0"))).toEqual(["base-in-rel science/a/Dockerfile:1:6"]);
    expect(problemsOf(scienceFiles("a", "containers.repo.sciserver.org/compute-images/rel/a:1.0"))).toEqual([
      "base-in-rel science/a/Dockerfile:1:6",
    ]);
  });

  it("are not built on each other in a circle", () => {
    const files = {
      ...scienceFiles("a", "sci/b:1.0"),
      ...scienceFiles("b", "sci/c:1.0"),
      ...scienceFiles("c", "sci/a:1.0"),
      ...scienceFiles("d", "sci/a:1.0"),
    };
    expect(problemsOf(files)).toEqual(["dependency-cycle science/a/Dockerfile:1:6"]);
    expect(messageOf(files)).toContain("a → b → c → a");
  });

  it("of one image-version have one final image", () => {
    const same = { image: "x", version: "1.0" };
    const files = {
      ...scienceFiles("a", "debian", same),
      ...scienceFiles("b", "sci/a:1.0", same),
      ...scienceFiles("c", "sci/a:1.0", same),
    };
    expect(problemsOf(files)).toEqual(["two-final-images science/b/sciserver-image.json:2:12"]);
    expect(messageOf(files)).toContain("x 1.0 has 2 final images: b, c");
  });

  it("may go through another image on the way to the final one", () => {
    const same = { image: "x", version: "1.0" };
    expect(
      problemsOf({
        ...scienceFiles("a", "debian", same),
        ...scienceFiles("b", "sci/a:1.0"),
        ...scienceFiles("c", "sci/b:1.0", same),
      }),
    ).toEqual([]);
  });

  it("are not built on a higher version of the same image, counted as numbers", () => {
    const files = {
      ...scienceFiles("a", "debian", { image: "x", version: "1.10" }),
      ...scienceFiles("b", "sci/a:1.10", { image: "x", version: "1.9" }),
    };
    expect(problemsOf(files)).toEqual(["lower-version science/b/Dockerfile:1:6"]);
    expect(
      problemsOf({
        ...scienceFiles("a", "debian", { image: "x", version: "1.9" }),
        ...scienceFiles("b", "sci/a:1.9", { image: "x", version: "1.10" }),
      }),
    ).toEqual([]);
  });

  it("do not take a version that reads like a unique tag", () => {
    const files = {
      ...scienceFiles("a", "debian", { image: "x", version: "1.0" }),
      ...scienceFiles("b", "debian", { image: "x", version: "1.0-42-f90dbd6" }),
    };
    expect(problemsOf(files)).toEqual(["same-tag science/b/sciserver-image.json:3:14"]);
    expect(problemsOf(scienceFiles("a", "debian", { version: "2021-10-release" }))).toEqual([]);
  });

  it("name no argument without a value in FROM", () => {
    expect(problemsOf(scienceFiles("a", "debian:${RELEASE}"))).toEqual([
      "unresolved-argument science/a/Dockerfile:1:6",
    ]);
  });

  it("that are broken do not make references to them wrong", () => {
    const files = {
      ...scienceFiles("b", "sci/a:1.0"),
      "science/a/Dockerfile": "FROM debian\n",
      "science/a/sciserver-image.json": "{",
    };
    expect(problemsOf(files)).toEqual(["invalid-json science/a/sciserver-image.json:1:2"]);
  });
});

describe("a base", () => {
  const sourcesOf = (dockerfile: string, definition: object = {}) =>
    loadCatalogue(
      folderOf({
        ...compatFiles("jupyter"),
        ...scienceFiles("python", "debian"),
        "science/x/Dockerfile": dockerfile,
        "science/x/sciserver-image.json": { image: "x", version: "1.0", compat: "jupyter", ...definition },
      }),
      { repo: "localhost:5000/mine" },
    ).science[1]?.bases.map(
      ({ source, via }) => `${via} ${source.kind}${"target" in source ? ` ${source.target}` : ""}`,
    );

  it.each([
    ["FROM sci/python:1.0", ["from parent python"]],
    ["from   sci/python:1.0 as main\nfrom main", ["from parent python"]],
    ["\tFrom \\\n  # comment\n sci/python:1.0", ["from parent python"]],
    ["FROM --platform=linux/amd64 sci/python:1.0 AS x", ["from parent python"]],
    ["FROM containers.repo.sciserver.org/compute-images/sci/python:1.0", ["from parent python"]],
    ["FROM localhost:5000/mine/sci/python:1.0", ["from parent python"]],
    ["ARG V=1.0\nFROM sci/python:${V}", ["from parent python"]],
    ["FROM docker.io/library/python:1.0", ["from external"]],
    ["FROM python:1.0", ["from external"]],
    ["FROM other.example.org/python:1.0", ["from external"]],
    ["FROM sci/python:1.0-42-f90dbd6", ["from pinned python"]],
    [`FROM sci/python@sha256:${"a".repeat(64)}`, ["from pinned python"]],
    [`FROM sci/python:1.0@sha256:${"a".repeat(64)}`, ["from pinned python"]],
    ["FROM scratch", ["from scratch"]],
    ["FROM debian\nCOPY --from=sci/python:1.0 /a /b", ["from external", "copy parent python"]],
    [
      "FROM debian AS python\nFROM debian\nCOPY --from=python /a /b\nCOPY --from=0 /a /b",
      ["from external", "from external"],
    ],
    ["FROM debian\nRUN --mount=type=bind,from=sci/python:1.0,target=/x true", ["from external", "mount parent python"]],
  ])("%j is %j", (dockerfile, expected) => {
    expect(sourcesOf(`${dockerfile}\n`)).toEqual(expected);
  });

  it("is what the build arguments of the definition make it", () => {
    expect(sourcesOf("ARG BASE=debian\nFROM ${BASE}\n", { args: { BASE: "sci/python:1.0" } })).toEqual([
      "from parent python",
    ]);
  });

  it("under a registry of others that looks like a layer is external, with a warning", () => {
    expect(
      problemsOf({ ...scienceFiles("python", "debian"), ...scienceFiles("x", "other.example.org/sci/python:1.0") }),
    ).toEqual(["foreign-layer science/x/Dockerfile:1:6"]);
  });
});
