import { describe, expect, it } from "vitest";
import type { Crumb } from "../../src/published/crumbs.ts";
import { baseDigest, baseScience, readCrumbs } from "../../src/published/crumbs.ts";

const digest = `sha256:${"a".repeat(64)}`;
const science = (target: string, base?: string, buildtime = "1639077081.0") => ({
  [`org.sciserver.science.${target}.version`]: "1.0-42-f90dbd6",
  [`org.sciserver.science.${target}.buildtime`]: buildtime,
  ...(base === undefined ? {} : { [`org.sciserver.science.${target}.base`]: base }),
});

describe("the labels of an image", () => {
  it("are read as the original tool wrote them", () => {
    const crumbs = readCrumbs({
      "org.sciserver.compat.buildtime": "1639077082.170079",
      "org.sciserver.compat.version": "nist-basic:2.0-42-f90dbd6",
      "org.sciserver.science.nist-basic-2.buildtime": "1639077081.9336998",
      "org.sciserver.science.nist-basic-2.version": "2.0-42-f90dbd6",
      "org.sciserver.science.nist-basic.buildtime": "1639071168.7262735",
      "org.sciserver.science.nist-basic.version": "1.0-42-f90dbd6",
    });
    const stamp = { version: "2.0", count: 42, commit: "f90dbd6", dirty: false };
    expect(crumbs).toEqual({
      science: [
        {
          kind: "science",
          name: "nist-basic",
          tag: "1.0-42-f90dbd6",
          stamp: { ...stamp, version: "1.0" },
          built: 1639071168.7262735,
        },
        { kind: "science", name: "nist-basic-2", tag: "2.0-42-f90dbd6", stamp, built: 1639077081.9336998 },
      ],
      compat: { kind: "compat", name: "nist-basic", tag: "2.0-42-f90dbd6", stamp, built: 1639077082.170079 },
      broken: [],
    });
  });

  it("are ordered by what each layer stands on, also where all times are fixed", () => {
    const labels = {
      ...science("a", `r.org/x/sci/b:1.0@${digest}`),
      ...science("b", `r.org/x/sci/c:1.0@${digest}`),
      ...science("c", "debian:12"),
    };
    expect(readCrumbs(labels).science.map(({ name }) => name)).toEqual(["c", "b", "a"]);
  });

  it("that name each other in a circle come each once", () => {
    const labels = { ...science("a", "r.org/sci/b:1.0"), ...science("b", "r.org/sci/a:1.0") };
    expect(readCrumbs(labels).science).toHaveLength(2);
  });

  it("keep targets with dots apart, and leave other labels below the prefix alone", () => {
    const labels = {
      ...science("py3.11"),
      "org.sciserver.science.py3.11.note": "x",
      "org.sciserver.science.version": "x",
    };
    expect(readCrumbs(labels)).toMatchObject({ science: [{ name: "py3.11" }], broken: [] });
  });

  it.each([
    ["org.sciserver.science.a.version", "1.0-42", "a unique tag was expected"],
    ["org.sciserver.science.a.buildtime", "yesterday", "seconds since the epoch was expected"],
    ["org.sciserver.science.a.inputs", "sha256:12", "a digest was expected"],
    ["org.sciserver.compat.version", "1.0-42-f90dbd6", "an image and a unique tag was expected"],
    ["org.sciserver.compat.layers", "jupyter", "the label org.sciserver.compat.version is missing"],
  ])("that are cut off are told: %s", (key, value, sentence) => {
    expect(readCrumbs({ ...science("a"), [key]: value }).broken).toEqual([expect.stringContaining(sentence)]);
  });

  it("are ordered by what each was built on, however many there are", () => {
    const count = 20_000;
    const labels = Array.from({ length: count }, (_, at) => ({
      [`org.sciserver.science.t${at}.version`]: "1.0-42-f90dbd6",
      [`org.sciserver.science.t${at}.base`]: `r.org/sci/t${at + 1}:1.0`,
    }));
    const { science: crumbs } = readCrumbs(Object.assign({}, ...labels) as Record<string, string>);
    expect([crumbs[0]?.name, crumbs.at(-1)?.name]).toEqual([`t${count - 1}`, "t0"]);
  });

  it("cannot reach the prototype of anything", () => {
    const labels = JSON.parse(
      '{"__proto__": "x", "org.sciserver.science.__proto__.version": "1.0-42-f90dbd6"}',
    ) as Record<string, string>;
    expect(readCrumbs(labels).science.map(({ name }) => name)).toEqual(["__proto__"]);
    expect(({} as { tag?: string }).tag).toBeUndefined();
  });
});

describe("the base on a label", () => {
  const crumb = (base?: string) => ({ base }) as Crumb;

  it("is a science image by its path, in whatever registry", () => {
    expect(baseScience(crumb(`localhost:5000/x/sci/a:1.0@${digest}`))).toEqual({ target: "a", tag: "1.0" });
    expect(baseScience(crumb(`sci/a@${digest}`))).toEqual({ target: "a" });
    expect(baseScience(crumb("docker.io/library/debian:12"))).toBeUndefined();
    expect(baseScience(crumb("r.org/sci/a/b:1.0"))).toBeUndefined();
    expect(baseScience(crumb())).toBeUndefined();
  });

  it("has a digest behind the at sign, or none", () => {
    expect(baseDigest(crumb(`debian:12@${digest}`))).toBe(digest);
    expect(baseDigest(crumb("debian:12"))).toBeUndefined();
    expect(baseDigest(crumb())).toBeUndefined();
  });
});
