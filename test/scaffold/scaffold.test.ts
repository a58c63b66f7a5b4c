import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { scaffoldCompat } from "../../src/scaffold/compat.ts";
import { changeInPlace } from "../../src/scaffold/in-place.ts";
import { missing, wrongName } from "../../src/scaffold/missing.ts";
import type { Scaffold } from "../../src/scaffold/model.ts";
import { scaffoldScience } from "../../src/scaffold/science.ts";
import { catalogue, compat, science } from "../support/literal.ts";

const nist = science("nist", { from: "debian" });
const more = science("nist-more", { image: "nist", from: "nist" });
const jupyter = compat("jupyter");

const definitionIn = ({ files }: Scaffold): unknown => JSON.parse(files[0]?.text ?? "");
const firstLine = ({ files }: Scaffold): string | undefined => files[1]?.text.split("\n")[0];

describe("a new science layer", () => {
  it("adds to an image without changing its version, and takes its interface over", () => {
    const made = scaffoldScience(catalogue([nist, jupyter]), { name: "nist-tools", from: "nist" });
    expect(definitionIn(made)).toEqual({ image: "nist", version: "1.0", compat: "jupyter" });
    expect(firstLine(made)).toBe("FROM sci/nist:1.0");
    expect(made.says).toEqual([
      "becomes the final layer of nist 1.0: who pulls nist:1.0 gets it once it is published, with all that nist has",
    ]);
  });

  it("adds and changes the version, and leaves the old one", () => {
    const made = scaffoldScience(catalogue([nist]), {
      name: "nist-2",
      from: "science/nist/",
      version: "2.0",
      description: "more",
    });
    expect(definitionIn(made)).toEqual({ image: "nist", version: "2.0", compat: "jupyter", description: "more" });
    expect(firstLine(made)).toBe("FROM sci/nist:1.0");
    expect(made.says[0]).toMatch(/^starts nist 2.0 on top of 1.0, which stays/);
  });

  it("starts an image of its own", () => {
    const made = scaffoldScience(catalogue([nist]), { name: "r", base: "r-base:4", version: "1.0", compat: "jupyter" });
    expect(definitionIn(made)).toEqual({ image: "r", version: "1.0", compat: "jupyter" });
    expect(firstLine(made)).toBe("FROM r-base:4");
  });

  it("is refused where the image-version would get a second final layer, with the one to build on", () => {
    const all = catalogue([nist, more]);
    expect(() => scaffoldScience(all, { name: "x", from: "nist" })).toThrow(
      "nist 1.0 is defined already: its final layer is science/nist-more",
    );
    expect(() =>
      scaffoldScience(all, { name: "x", base: "y", image: "nist", version: "1.0", compat: "jupyter" }),
    ).toThrow(RefusedError);
    expect(scaffoldScience(all, { name: "x", from: "nist-more" }).files).toHaveLength(2);
  });

  it("is refused on a target that is not there, and says which is near", () => {
    expect(() => scaffoldScience(catalogue([nist]), { name: "x", from: "nits" })).toThrow(
      'there is no science layer "nits"; did you mean "nist"?',
    );
  });
});

describe("what is missing of a science layer", () => {
  const options = (request: Parameters<typeof missing>[0]) =>
    missing(request, catalogue([nist, jupyter])).map((each) => each.option);

  it("is nothing where it is built on another, else base, version and interface", () => {
    expect(options({ name: "x", from: "nist" })).toEqual([]);
    expect(options({ name: "x" })).toEqual(["base", "version", "compat"]);
    expect(options({ name: "x", version: "1.0" })).toEqual(["base", "compat"]);
  });

  it("is suggested from what the catalogue has, and held against the rules of names", () => {
    const [base, version, interfaceName] = missing({ name: "x" }, catalogue([nist, jupyter]));
    expect([base?.suggestion, version?.suggestion, interfaceName?.suggestion]).toEqual(["debian", "1.0", "jupyter"]);
    expect(base?.wrong("UPPER case")).toBe("is not the name of an image");
    expect(version?.wrong("1/0")).toMatch(/^expected letters/);
    expect(interfaceName?.wrong("jupyter")).toBeUndefined();
    expect(wrongName("../x")).toMatch(/^expected lower-case/);
  });
});

describe("a new compat layer", () => {
  it("includes others, and has no FROM", () => {
    const made = scaffoldCompat(catalogue([jupyter]), { name: "lab", includes: ["jupyter"] });
    expect(definitionIn(made)).toEqual({ includes: ["jupyter"] });
    expect(made.files[1]?.text).not.toMatch(/^FROM/m);
  });

  it("is refused with an include that is not there", () => {
    expect(() => scaffoldCompat(catalogue([jupyter]), { name: "lab", includes: ["jupiter"] })).toThrow(
      'did you mean "jupyter"?',
    );
  });
});

describe("a version changed in place", () => {
  const commented = '{\n  # ours\n  "image": "nist",\n  "version": "1.0", // since May\n  "compat": "jupyter"\n}\n';
  const withText = (text: string, retires: readonly string[] = []) =>
    science("nist", { definition: { path: "science/nist/sciserver-image.json", text }, retires });

  it("keeps everything else of the definition as it was written, and warns of the orphan", () => {
    const made = changeInPlace(catalogue([withText(commented)]), { name: "nist", version: "2.0", retire: false });
    expect(made.files).toEqual([
      { path: "science/nist/sciserver-image.json", text: commented.replace('"1.0"', '"2.0"'), is: "edited" },
    ]);
    expect(made.warnings).toMatchObject([
      { code: "orphaned-image", at: { file: "science/nist/sciserver-image.json", line: 4, column: 14 } },
    ]);
  });

  it("gives the old version up only when that was asked for", () => {
    const made = changeInPlace(catalogue([withText(commented)]), { name: "nist", version: "2.0", retire: true });
    expect(made.files[0]?.text).toContain('  "version": "2.0",\n  "retires": ["1.0"], // since May\n');
    expect(made.warnings).toEqual([]);
    const again = withText('{"image":"nist","version":"1.0","retires":["0.8"],"compat":"jupyter"}', ["0.8"]);
    const second = changeInPlace(catalogue([again]), { name: "nist", version: "2.0", retire: true });
    expect(second.files[0]?.text).toBe('{"image":"nist","version":"2.0","retires":["0.8", "1.0"],"compat":"jupyter"}');
  });

  it("orphans nothing where another layer defines the old version too", () => {
    const made = changeInPlace(catalogue([nist, withMore()]), { name: "nist-more", version: "2.0", retire: true });
    expect(made.warnings).toEqual([]);
    expect(made.files[0]?.text).not.toContain("retires");
  });

  it("names who is built on the old version", () => {
    const made = changeInPlace(catalogue([nist, more]), { name: "nist", version: "1.1", retire: false });
    expect(made.warnings.map(({ message }) => message)).toEqual([
      "science/nist-more is built on nist, which is the version before",
    ]);
  });

  it("is nothing to write without another version, and refused for one that is there", () => {
    expect(changeInPlace(catalogue([nist]), { name: "nist", retire: false }).files).toEqual([]);
    const two = science("nist-2", { image: "nist", version: "2.0", from: "nist" });
    expect(() => changeInPlace(catalogue([nist, two]), { name: "nist", version: "2.0", retire: false })).toThrow(
      "nist 2.0 is defined already, by science/nist-2",
    );
  });

  const withMore = () => science("nist-more", { image: "nist", from: "nist" });
});
