import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compatLabel, parseLabelKey, scienceLabel } from "../../src/naming/labels.ts";
import {
  lastLayerName,
  parseImageTag,
  parseLayerName,
  parseLayerPath,
  releaseName,
  releasePath,
  scienceName,
  sciencePath,
} from "../../src/naming/layer-name.ts";
import { formatUniqueTag, parseUniqueTag } from "../../src/naming/unique-tag.ts";

const component = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+){0,3}$/);
const version = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);

describe("names", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(component, version, component, (name, tag, host) => {
        expect(parseLayerName(scienceName({ target: name, version: tag }))).toEqual({ kind: "sci", name, tag });
        expect(parseLayerName(releaseName({ image: name, version: tag }))).toEqual({ kind: "rel", name, tag });
        expect(parseLayerPath(`${host}/${sciencePath(name)}`)).toEqual({ kind: "sci", name, prefix: host });
        expect(parseLayerPath(releasePath(name))).toEqual({ kind: "rel", name });
        expect(lastLayerName(`${host}:5000/x/${releasePath(name)}:${tag}@sha256:0`)).toMatchObject({
          kind: "rel",
          name,
          tag,
        });
        expect(parseImageTag(`${name}:${tag}`)).toEqual({ image: name, tag });
      }),
    );
  });

  it.each(["", "sci", "sci/", "sci/a/b", "xsci/a", "SCI/a", "sci/a:", "sci/a:1:2", "host/sci/a", "sci/a@x/y"])(
    "are not %j",
    (text) => {
      expect(parseLayerName(text)).toBeUndefined();
    },
  );

  it.each(["a", "a/b", "mysci/a", "sci/a/b", "rel/"])("of repositories are not %j", (text) => {
    expect(parseLayerPath(text)).toBeUndefined();
  });
});

describe("a unique tag", () => {
  it("is read as it was written, whatever the version looks like", () => {
    const stamp = fc.record({
      version,
      count: fc.integer({ min: 0, max: 999_999_999 }),
      commit: fc.stringMatching(/^[0-9a-f]{7,40}$/),
      dirty: fc.boolean(),
    });
    fc.assert(
      fc.property(stamp, (tag) => {
        expect(parseUniqueTag(formatUniqueTag(tag))).toEqual(tag);
      }),
    );
  });

  it.each([
    "2021-10-release",
    "1.0",
    "1.0-42",
    "1.0-42-f90dbd",
    "1.0-42-F90DBD6",
    "-1-f90dbd6",
    "1.0-42-f90dbd6-dirty2",
  ])("is not %j", (tag) => {
    expect(parseUniqueTag(tag)).toBeUndefined();
  });
});

describe("the key of a label", () => {
  it("is read as it was written, with dots in the target", () => {
    fc.assert(
      fc.property(component, fc.constantFrom("version", "buildtime", "inputs", "base"), (target, field) => {
        expect(parseLabelKey(scienceLabel(target, field))).toEqual({ target, field });
        expect(parseLabelKey(compatLabel(field))).toEqual({ field });
      }),
    );
  });

  it.each(["org.sciserver.science.version", "org.sciserver.science.", "org.sciserver.compatible", "org.other.x"])(
    "is not ours: %j",
    (key) => {
      expect(parseLabelKey(key)).toBeUndefined();
    },
  );
});
