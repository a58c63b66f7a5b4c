import { describe, expect, it } from "vitest";
import { sha256Digest } from "../../src/oci/digest.ts";
import { judgeStableTag, judgeUniqueTag } from "../../src/trust/check-tags.ts";
import { compareLabels, compareTrail } from "../../src/trust/compare-labels.ts";
import type { TrustFindings } from "../../src/trust/model.ts";
import { subjectOf } from "../../src/trust/subject.ts";
import { compatLabels, digestOf, image, type Labels, repo, scienceLabels } from "../judge/world.ts";

const [this_, other] = [sha256Digest("this image"), sha256Digest("another image")];
const codes = (findings: TrustFindings): string[] => findings.map(({ code }) => code);

const published = (...labels: readonly Labels[]) =>
  image(`${repo}/rel/basic:1.0`, this_, Object.assign({}, ...labels) as Labels);

const labelsFound = (name: string, ...labels: readonly Labels[]): TrustFindings => {
  const found = published(...labels);
  return compareLabels(found, found.crumbs, subjectOf(name, repo)).filter(
    ({ message }) => !/SCISERVER_IMAGE/.test(message),
  );
};

describe("the labels of an image", () => {
  const own = [scienceLabels("basic"), compatLabels("basic", "basic")];

  it("are in order under its stable and its unique tag", () => {
    expect(labelsFound("basic:1.0", ...own)).toEqual([]);
    expect(labelsFound("basic:1.0-42-f90dbd6", ...own)).toEqual([]);
  });

  it("contradict the name of another image, of another version, and standard labels that say otherwise", () => {
    expect(codes(labelsFound("astro:1.0", ...own))).toEqual(["label-disagrees"]);
    expect(codes(labelsFound("basic:2.0", ...own))).toEqual(["label-disagrees"]);
    const standard = { "org.opencontainers.image.version": "1.0-41-abcdef0" };
    expect(labelsFound("basic:1.0", ...own, standard)).toMatchObject([
      { code: "label-disagrees", message: expect.stringContaining("org.sciserver.compat.version") as string },
    ]);
  });

  it("prove nothing where there are none, and are no proof where they cannot be read", () => {
    expect(codes(labelsFound("basic:1.0"))).toEqual(["not-proven"]);
    expect(labelsFound("basic:1.0", { "org.sciserver.compat.version": "x" })).toMatchObject([
      { code: "label-unreadable", message: expect.stringContaining("org.sciserver.compat.version is") as string },
    ]);
  });
});

describe("the trail of an image", () => {
  const science = image(`${repo}/sci/basic:1.0`, digestOf("basic"), scienceLabels("basic"));

  it("is that of its science image, not a label more, less or other", () => {
    expect(compareTrail(published(scienceLabels("basic"), compatLabels("basic", "basic")), science)).toEqual([]);
    expect(compareTrail(published(), science)).toHaveLength(2);
    expect(compareTrail(published(scienceLabels("basic"), scienceLabels("more")), science)).toHaveLength(2);
    expect(compareTrail(published(scienceLabels("basic", { inputs: other })), science)).toHaveLength(1);
  });

  it("of a science image has its own labels on top", () => {
    expect(compareTrail(published(scienceLabels("basic"), scienceLabels("top")), science, "top")).toEqual([]);
  });
});

describe("the tags of an image", () => {
  const crumb = {
    kind: "compat",
    name: "basic",
    tag: "1.0-42-f90dbd6",
    stamp: { version: "1.0", count: 42, commit: "f90dbd6", dirty: false },
  } as const;
  const tags = ["1.0", "1.0-42-f90dbd6", "1.0-7-abcdef0", "2.0-50-abcdef0"];

  it("agree where the unique tag names the very image", () => {
    expect(judgeUniqueTag("basic:1.0-42-f90dbd6", this_, this_)).toEqual([]);
    expect(codes(judgeUniqueTag("basic:1.0-42-f90dbd6", this_, other))).toEqual(["tags-disagree"]);
    expect(codes(judgeUniqueTag("basic:1.0-42-f90dbd6", this_, undefined))).toEqual(["not-proven"]);
  });

  it("are behind where a newer build of the version is there that was not withdrawn", () => {
    expect(judgeStableTag("basic", crumb, tags, [])).toEqual([]);
    expect(codes(judgeStableTag("basic", crumb, [...tags, "1.0-43-abcdef0"], []))).toEqual(["stable-tag-behind"]);
    const withdrawn = (name: string) => [{ image: name, tag: "1.0-43-abcdef0", reason: "it leaks" }];
    expect(judgeStableTag("basic", crumb, [...tags, "1.0-43-abcdef0"], withdrawn("basic"))).toEqual([]);
    expect(judgeStableTag("basic", crumb, [...tags, "1.0-43-abcdef0"], withdrawn("astro"))).toHaveLength(1);
  });
});
