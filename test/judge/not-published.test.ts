import { describe, expect, it } from "vitest";
import { definitionsOf } from "../../src/judge/definitions.ts";
import { disagreements } from "../../src/judge/disagreements.ts";
import { notPublished } from "../../src/judge/not-published.ts";
import { listedOrphans, lostVersions, orphanWarnings } from "../../src/judge/orphans.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { catalogue, compat, science } from "../support/literal.ts";
import { absent, compatLabels, evidence, rel, repo, sci, scienceLabels } from "./world.ts";

const world = catalogue([science("basic"), science("top", { from: "basic" }), compat("jupyter")]);
const [newer, other] = [sha256Digest("a newer image"), sha256Digest("another definition")];

const onBasic = { base: `${repo}/sci/basic:1.0-42-f90dbd6@${sha256Digest("image basic")}` };
const whole = {
  sci: {
    basic: sci("basic", scienceLabels("basic")),
    top: sci("top", scienceLabels("basic"), scienceLabels("top", onBasic)),
  },
  rel: {
    "basic:1.0": rel("basic:1.0", scienceLabels("basic"), compatLabels("basic", "basic")),
    "top:1.0": rel("top:1.0", scienceLabels("basic"), scienceLabels("top", onBasic), compatLabels("top", "top")),
  },
};

const reasonsOf = (found: Parameters<typeof evidence>[1], defined = world) =>
  Object.fromEntries(
    [...notPublished(evidence(defined, found))].map(([id, reasons]) => [
      id,
      reasons.map((each) => (each.kind === "not-published" ? each.state : each.kind)),
    ]),
  );

const warningsOf = (found: Parameters<typeof evidence>[1], lately?: ReadonlySet<string>) => {
  const all = evidence(world, found);
  return disagreements(all, notPublished(all), lately).map(({ code, notes }) => [
    code,
    ...notes.map((each) => each.message),
  ]);
};

describe("builds that the registry lacks", () => {
  it("are none where every tag holds what is defined today", () => {
    expect(reasonsOf(whole)).toEqual({});
  });

  it("are those that are absent, and not those that could not be read", () => {
    const found = { ...whole, rel: { ...whole.rel, "top:1.0": absent("rel/top:1.0") } };
    expect(Object.values(reasonsOf(found))).toEqual([["absent"]]);
    const { "top:1.0": _, ...rest } = whole.rel;
    expect(reasonsOf({ ...whole, rel: rest })).toEqual({});
  });

  it("are those of another definition, and those whose parent has moved since", () => {
    const changed = sci("basic", scienceLabels("basic", { inputs: other }));
    expect(Object.values(reasonsOf({ ...whole, sci: { ...whole.sci, basic: changed } }))).toEqual([["different"]]);
    const moved = { ...whole.sci.basic, image: { ...whole.sci.basic.image, digest: newer } };
    expect(Object.values(reasonsOf({ ...whole, sci: { ...whole.sci, basic: moved } }))).toEqual([["moved"], ["moved"]]);
  });

  it("are those that were withdrawn", () => {
    const withdrawn = [{ image: "top", tag: "1.0-42-f90dbd6", reason: "it leaks" }];
    const defined = catalogue([...world.science, ...world.compat], { withdrawn });
    expect(Object.values(reasonsOf(whole, defined))).toEqual([["withdrawn"]]);
  });
});

describe("git and the registry", () => {
  it("agree on a whole publication", () => {
    expect(warningsOf(whole, new Set())).toEqual([]);
  });

  it("disagree where a build is gone that the last commit did not touch, and only then", () => {
    const found = { ...whole, rel: { ...whole.rel, "top:1.0": absent("rel/top:1.0") } };
    expect(warningsOf(found, new Set(["science/basic"])).map(([code]) => code)).toEqual(["registry-lacks-build"]);
    expect(warningsOf(found, new Set(["science/top"]))).toEqual([]);
    expect(warningsOf(found)).toEqual([]);
  });

  it("disagree on builds of commits that git does not know", () => {
    const codes = warningsOf({ ...whole, git: { commits: new Map() } }).map(([code, ...notes]) => [code, notes.length]);
    expect(codes).toEqual([["unknown-build", 4]]);
  });

  it("disagree where stable and unique tag differ", () => {
    const twoTags = (digest?: typeof newer) => ({
      ...whole,
      rel: {
        ...whole.rel,
        "top:1.0": { ...whole.rel["top:1.0"], unique: { tag: "1.0-42-f90dbd6", ...(digest && { digest }) } },
      },
    });
    expect(warningsOf(twoTags(newer))).toEqual([
      ["tags-differ", expect.stringContaining(`holds ${newer.slice(0, 19)}`)],
    ]);
    expect(warningsOf(twoTags())).toEqual([["tags-differ", expect.stringContaining("is not there")]]);
    expect(warningsOf(twoTags(whole.rel["top:1.0"].image.digest))).toEqual([]);
  });

  it("disagree where a tag holds a build of something else", () => {
    const found = { ...whole, sci: { ...whole.sci, basic: sci("basic", scienceLabels("astro")) } };
    expect(warningsOf(found).map(([code]) => code)).toContain("wrong-build");
  });
});

describe("orphans", () => {
  const definitions = definitionsOf(catalogue([science("basic", { retires: ["0.9"] }), compat("jupyter")]));

  it("are stable tags without a definition; tags of builds and of signatures are none", () => {
    const tags = new Map([["basic", ["1.0", "0.8", "1.0-42-f90dbd6", `sha256-${"a".repeat(64)}.sig`]]]);
    expect([...listedOrphans(definitions, { tags }).keys()]).toEqual(["basic:0.8"]);
  });

  it("are definitions of the past that are gone, where their names can be those of images", () => {
    const past = [
      { image: "basic", version: "1.0" },
      { image: "astro", version: "3" },
      { image: "No Image", version: "1" },
    ];
    expect([...lostVersions(definitions, past).keys()]).toEqual(["astro:3"]);
  });

  it("are warned of but where a version was given up", () => {
    const orphans = ["0.8", "0.9"].map((version) => ({ image: "basic", version }));
    expect(orphanWarnings(definitions, orphans).map(({ message }) => message)).toEqual([
      `${repo}/rel/basic:0.8 is published, but basic 0.8 has no definition any more: it gets no interface updates`,
    ]);
  });
});
