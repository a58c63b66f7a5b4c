import { describe, expect, it } from "vitest";
import { furtherTags, isFurtherTag } from "../../src/catalogue/further-tags.ts";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";

const layer = (version: string, tags: readonly string[]) => ({ version, tags });

describe("a further tag", () => {
  it("is written in full, or made of the version and the day", () => {
    const tags = ["latest", "2", "{major}", "{major}.{minor}", "{version}-{date}", "{date}"];
    expect(furtherTags(layer("2.4.1-cuda", tags), "2026-11-25")).toEqual([
      "latest",
      "2",
      "2",
      "2.4",
      "2.4.1-cuda-2026-11-25",
      "2026-11-25",
    ]);
    expect(furtherTags(layer("v10.2", ["{major}.{minor}"]), "")).toEqual(["10.2"]);
    expect(furtherTags(layer("focal", ["{major}"]), "")).toEqual(["{major}"]);
  });

  it("is known again on any day", () => {
    const dated = layer("2.4", ["{version}-{date}", "latest"]);
    expect(["2.4-2020-01-31", "latest"].map((tag) => isFurtherTag(dated, tag))).toEqual([true, true]);
    expect(["2x4-2020-01-31", "2.4-today", "2.4", "late"].some((tag) => isFurtherTag(dated, tag))).toBe(false);
  });
});

/** `code file:line:column` and the notes' places of every problem. */
const problemsOf = (files: Files): string[] =>
  loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files })).diagnostics.map(({ code, at, notes }) =>
    [`${code} ${at?.file}:${at?.line}:${at?.column}`, ...notes.map((each) => `${each.at?.file}:${each.at?.line}`)].join(
      " ",
    ),
  );

const one = (version: string, tags: unknown, more: object = {}) =>
  scienceFiles(`l${version}`.replace(".", "-"), "debian", { image: "x", version, tags, ...more });

describe("tags that cannot be are told with their places", () => {
  it.each([
    [{ ...one("1", ["latest"]), ...one("2", ["2x"]) }, []],
    [
      { ...one("1", ["latest"]), ...one("2", ["latest"]) },
      ["same-tag science/l2/sciserver-image.json:6:5 science/l1/sciserver-image.json:6"],
    ],
    [
      { ...one("1", ["2"]), ...one("2", []) },
      ["same-tag science/l1/sciserver-image.json:6:5 science/l2/sciserver-image.json:3"],
    ],
    [one("1", ["1"]), ["same-tag science/l1/sciserver-image.json:6:5 science/l1/sciserver-image.json:3"]],
    [one("1", ["a", "a"]), ["same-tag science/l1/sciserver-image.json:7:5 science/l1/sciserver-image.json:6"]],
    [
      { ...one("1.2", ["{major}"]), ...one("1.3", ["{major}"]) },
      ["same-tag science/l1-3/sciserver-image.json:6:5 science/l1-2/sciserver-image.json:6"],
    ],
    [one("focal", ["{major}"]), ["wrong-value science/lfocal/sciserver-image.json:6:5"]],
    [one("1", ["a b"]), ["wrong-value science/l1/sciserver-image.json:6:5"]],
    [one("1", ["{day}"]), ["wrong-value science/l1/sciserver-image.json:6:5"]],
    [one("1", ["_hold.1"]), ["wrong-value science/l1/sciserver-image.json:6:5"]],
    [one("1", ["1.0-42-f90dbd6"]), ["same-tag science/l1/sciserver-image.json:6:5"]],
    [one("1", "latest"), ["wrong-type science/l1/sciserver-image.json:5:11"]],
    [{ ...one("1", ["latest"]), ...scienceFiles("y", "debian", { image: "y", tags: ["latest"] }) }, []],
    [one("1", ["latest"], { compat: false }), []],
    [
      { ...one("1", ["latest"]), ...scienceFiles("top", "sci/l1:1", { image: "x", version: "1" }) },
      ["unused-tags science/l1/sciserver-image.json:5:11"],
    ],
  ] as [Files, string[]][])("%#", (files, expected) => {
    expect(problemsOf(files)).toEqual(expected);
  });

  it("also between variants of a directory", () => {
    const variants = [
      { version: "1", tags: ["latest"] },
      { version: "2", tags: ["latest"] },
    ];
    const definition = JSON.stringify({ image: "x", compat: "jupyter", variants });
    expect(
      problemsOf({ "science/p/sciserver-image.json": definition, "science/p/Dockerfile": "FROM debian\n" }),
    ).toEqual([
      expect.stringMatching(/^same-tag science\/p\/sciserver-image.json:1:\d+ science\/p\/sciserver-image.json:1$/),
    ]);
  });
});
