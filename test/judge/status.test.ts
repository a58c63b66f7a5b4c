import { describe, expect, it } from "vitest";
import { gitQuestions } from "../../src/judge/questions.ts";
import { imageStatuses } from "../../src/judge/status.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { catalogue, compat, science } from "../support/literal.ts";
import { absent, compatLabels, digestOf, evidence, rel, sci, scienceLabels } from "./world.ts";

const world = catalogue([science("basic"), compat("jupyter")]);
const other = sha256Digest("another definition");

type Found = Parameters<typeof evidence>[1];

const statusOf = (found: Found, defined = world) => imageStatuses(evidence(defined, found))[0];
const statesOf = (found: Found, defined = world) => statusOf(found, defined)?.states;

const published = (compatRest: object = {}, scienceRest: object = {}) => ({
  rel: {
    "basic:1.0": rel("basic:1.0", scienceLabels("basic", scienceRest), compatLabels("basic", "basic", compatRest)),
  },
});

describe("the state of an image-version", () => {
  it("is current where the labels tell of today's definitions", () => {
    expect(statusOf(published())).toMatchObject({ states: ["current"], why: [], uniqueTag: "1.0-42-f90dbd6" });
  });

  it("is out of date where a label tells of another science, or of another interface", () => {
    expect(statesOf(published({}, { inputs: other }))).toEqual(["science-out-of-date"]);
    expect(statesOf(published({ inputs: other }))).toEqual(["compat-out-of-date"]);
    expect(statusOf(published({ inputs: other }, { inputs: other }))).toMatchObject({
      states: ["science-out-of-date", "compat-out-of-date"],
      why: [
        "science/basic is not as it was built in 1.0-42-f90dbd6",
        "compat/jupyter is not as it was built in 1.0-42-f90dbd6",
      ],
    });
  });

  it("is out of date where the stable tag of its science holds another image than it is built on, or none", () => {
    const beside = (tag: NonNullable<Found["sci"]>[string]) => statusOf({ ...published(), sci: { basic: tag } });
    expect(beside(sci("basic"))?.states).toEqual(["current"]);
    const before = { reference: "registry.test/images/sci/basic:1.0", digest: digestOf("the one before") };
    const torn = beside({ kind: "image", image: { ...before, crumbs: { science: [], broken: [] } } });
    expect(torn?.states).toEqual(["science-out-of-date"]);
    expect(torn?.why).toEqual([
      expect.stringMatching(
        /^basic 1\.0-42-f90dbd6 was built on sci\/basic sha256:\w{12}, which is sha256:\w{12} now$/,
      ),
    ]);
    expect(beside(absent("sci/basic:1.0"))).toMatchObject({
      states: ["science-out-of-date"],
      why: [expect.stringMatching(/^the registry has no .*sci\/basic:1\.0$/)],
    });
  });

  describe("of which the digest of the interface tells that it is out of date", () => {
    const stack = ["low", "mid", "jupyter"];
    const including = catalogue([
      science("basic"),
      compat("low"),
      compat("mid", { includes: ["low"] }),
      compat("jupyter", { includes: ["mid"] }),
    ]);
    const objects = (...changed: readonly string[]) =>
      new Map(
        stack.flatMap((name) => [
          [`f90dbd6:compat/${name}`, "tree"] as const,
          [`HEAD:compat/${name}`, changed.includes(name) ? "another tree" : "tree"] as const,
        ]),
      );
    const old = (rest: object = {}) => published({ inputs: other, layers: stack.join(","), ...rest });
    const whyOf = (git: object, found: Found = old()) => statusOf({ ...found, git }, including)?.why;

    it("names the layer of the stack that changed, however far below it is", () => {
      expect(whyOf({ objects: objects("low") })).toEqual(["compat/low is not as it was built in 1.0-42-f90dbd6"]);
      expect(whyOf({ objects: objects("mid") })).toEqual(["compat/mid is not as it was built in 1.0-42-f90dbd6"]);
      expect(whyOf({ objects: objects("low", "jupyter") })).toEqual([
        "compat/low, compat/jupyter are not as they were built in 1.0-42-f90dbd6",
      ]);
      const uncommitted = { objects: objects(), dirty: new Set(["compat/low"]) };
      expect(whyOf(uncommitted)).toEqual(["compat/low is not as it was built in 1.0-42-f90dbd6"]);
    });

    it("names the whole stack, and blames no layer, where git cannot tell which it was", () => {
      const whole = "the interface jupyter (compat/low, compat/mid, compat/jupyter) is not as it was built in 1.0-42-";
      expect(whyOf({ commits: new Map() })).toEqual([`${whole}f90dbd6`]);
      expect(whyOf({ objects: objects() })).toEqual([`${whole}f90dbd6`]);
      const tag = "1.0-42-f90dbd6-dirty";
      expect(whyOf({ objects: objects("low") }, old({ tag }))).toEqual([`${whole}f90dbd6-dirty`]);
    });

    it("says so where the image has another interface altogether", () => {
      expect(whyOf({ objects: objects("low") }, old({ layers: "low,terminal" }))).toEqual([
        "1.0-42-f90dbd6 has the interface terminal, and its definition names jupyter",
      ]);
    });

    it("asks git for the directories of such a stack alone", () => {
      const asked = (found: Found) => {
        const { definitions, published: there, today } = evidence(including, found);
        return [...gitQuestions(definitions, there, today).directories].map(({ directory }) => directory);
      };
      expect(asked(old())).toEqual(stack.flatMap((name) => [`compat/${name}`, `compat/${name}`]));
      expect(asked(published())).toEqual([]);
    });
  });

  it("is told by git where the labels have no digests", () => {
    const old = published({ inputs: "none" }, { inputs: "none" });
    const tree = (science: string) => [
      ["f90dbd6:science/basic", science] as const,
      ["HEAD:science/basic", "tree 1"] as const,
      ["f90dbd6:compat/jupyter", "tree 2"] as const,
      ["HEAD:compat/jupyter", "tree 2"] as const,
    ];
    expect(statesOf({ ...old, git: { objects: new Map(tree("tree 1")) } })).toEqual(["current"]);
    expect(statesOf({ ...old, git: { objects: new Map(tree("tree 0")) } })).toEqual(["science-out-of-date"]);
    const dirty = { objects: new Map(tree("tree 1")), dirty: new Set(["compat/jupyter"]) };
    expect(statesOf({ ...old, git: dirty })).toEqual(["compat-out-of-date"]);
    const lacking = statusOf({ ...old, git: { commits: new Map() } });
    expect(lacking?.why[0]).toContain("this clone lacks commit f90dbd6");
  });

  it("is not published, or unknown where it cannot be read or has no labels", () => {
    expect(statesOf({ rel: { "basic:1.0": absent("rel/basic:1.0") } })).toEqual(["not-published"]);
    expect(statesOf({})).toEqual(["unknown"]);
    expect(statesOf({ rel: { "basic:1.0": rel("basic:1.0") } })).toEqual(["unknown"]);
  });

  it("is out of date where the tag holds a build of something else", () => {
    const moved = { rel: { "basic:1.0": rel("basic:1.0", scienceLabels("basic"), compatLabels("astro", "basic")) } };
    expect(statusOf(moved)).toMatchObject({ states: ["compat-out-of-date"] });
    expect(statusOf(moved)?.why).toEqual([expect.stringContaining("holds a build of astro 1.0")]);
  });

  it("is withdrawn before all else", () => {
    const withdrawn = [{ image: "basic", tag: "1.0-42-f90dbd6", reason: "it leaks" }];
    const gone = catalogue([science("basic"), compat("jupyter")], { withdrawn });
    expect(statusOf(published({ inputs: other }), gone)).toMatchObject({
      states: ["withdrawn", "compat-out-of-date"],
      withdrawn: { reason: "it leaks" },
    });
  });

  it("tells of unique tags that are lost, and of newer ones that the stable tag does not hold", () => {
    expect(statusOf({ ...published(), tags: { basic: ["1.0", "1.0-42-f90dbd6"] } })?.why).toEqual([]);
    const { why = [] } =
      statusOf({ ...published(), tags: { basic: ["1.0", "1.0-43-abcdef0", "2.0-50-abcdef0"] } }) ?? {};
    expect(why).toEqual([
      "its unique tag 1.0-42-f90dbd6 is not there",
      "newer builds are there that the stable tag does not hold: 1.0-43-abcdef0",
    ]);
  });

  it("is orphaned without a definition, and retired where that was the intent", () => {
    const orphans = new Map([["astro:1.0", { image: "astro", version: "1.0" }]]);
    const found = {
      rel: { "astro:1.0": rel("astro:1.0", scienceLabels("astro"), compatLabels("astro", "astro")) },
      orphans,
    };
    expect(statesOf(found, catalogue([compat("jupyter")]))).toEqual(["orphaned"]);
    const retiring = catalogue([science("astro", { version: "2.0", retires: ["1.0"] }), compat("jupyter")]);
    expect(imageStatuses(evidence(retiring, found)).map(({ version, states }) => [version, ...states])).toEqual([
      ["1.0", "retired"],
      ["2.0", "unknown"],
    ]);
    expect(imageStatuses(evidence(catalogue([compat("jupyter")]), { orphans, rel: {} }))).toEqual([]);
  });

  it("of an adopted orphan asks for its interface alone", () => {
    const adopted = [{ image: "astro", version: "1.0", science: "sha256:0", target: "sci/astro", compat: "jupyter" }];
    const adopting = catalogue([compat("jupyter")], { adopted });
    const holding = (rest: object) => ({
      rel: {
        "astro:1.0": rel("astro:1.0", scienceLabels("astro", { inputs: other }), compatLabels("astro", "astro", rest)),
      },
    });
    expect(statesOf(holding({}), adopting)).toEqual(["adopted"]);
    expect(statesOf(holding({ inputs: other }), adopting)).toEqual(["compat-out-of-date", "adopted"]);
  });
});
