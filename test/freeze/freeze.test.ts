import { describe, expect, it } from "vitest";
import { freezeRule } from "../../src/compose/freeze-rule.ts";
import type { FreezeRule } from "../../src/compose/model.ts";
import { examine, isStopped, needsTests, notExamined } from "../../src/freeze/examine.ts";
import { exceptionFor } from "../../src/freeze/exceptions.ts";
import { freezeProblem } from "../../src/freeze/tell.ts";
import type { Comparison, NameDifference } from "../../src/resolve/model.ts";
import { compat } from "../compose/world.ts";

const nothing: Comparison = {
  outcome: "same",
  doors: [],
  files: [],
  packages: [],
  attributes: [],
  environment: [],
  problems: [],
};

const numpy: NameDifference = {
  kind: "module",
  name: "numpy",
  outcome: "changed",
  before: { path: "/usr/lib/python3/dist-packages/numpy", version: "1.24.2", layer: 0 },
  after: { path: "/usr/local/lib/python3.11/dist-packages/numpy", version: "9.9.9", layer: 1 },
};

const kernel = (differences: readonly NameDifference[]): Comparison => ({
  ...nothing,
  outcome: "changed",
  doors: [
    { door: "sh -c", outcome: "same", differences: [] },
    { door: 'kernel "Python 3"', outcome: "changed", differences },
  ],
});

const rule = (more: Partial<FreezeRule> = {}): FreezeRule => ({
  mode: "enforce",
  mayChange: {},
  science: "science/stars",
  tests: "changed",
  scienceTests: [],
  ...more,
});

const telling = {
  science: "science/stars",
  layers: 1,
  origins: { ofLayer: () => "compat/jup/Dockerfile:3 (COPY)", ofVariable: () => undefined },
};

const sentences = (comparison: Comparison, more: Partial<FreezeRule> = {}): string[] =>
  examine(comparison, rule(more), telling).findings.map(({ says }) => says);

describe("what an image changes", () => {
  it("is told in a sentence that names the door, both versions and the instruction", () => {
    expect(sentences(kernel([numpy]))).toEqual([
      '`import numpy` in kernel "Python 3" was 1.24.2 (science/stars), is 9.9.9 from compat/jup/Dockerfile:3 (COPY)',
    ]);
  });

  it("is told once for all doors where it is the same", () => {
    const [first, second] = kernel([numpy]).doors;
    const both = { ...kernel([]), doors: [{ ...second, ...first, differences: [numpy] }, { ...second }] } as Comparison;
    const all = { ...both, doors: both.doors.map((each) => ({ ...each, differences: [numpy] })) };
    expect(sentences(all)).toEqual([expect.stringContaining('`import numpy` in sh -c and kernel "Python 3" was')]);
  });

  it("is named by its path where no version tells it apart, and by its content where the path does not either", () => {
    const moved = { ...numpy, before: { path: "/usr/bin/R", layer: 0 }, after: { path: "/usr/local/bin/R", layer: 1 } };
    expect(sentences(kernel([moved]))[0]).toContain("was /usr/bin/R (science/stars), is /usr/local/bin/R from");
    const rewritten = { ...numpy, before: { path: "/opt/x", layer: 0 }, after: { path: "/opt/x", layer: 1 } };
    expect(sentences(kernel([rewritten]))[0]).toContain("was /opt/x (science/stars), has other content from");
  });

  it("says what is gone, and what only a run would tell", () => {
    const { after: _, ...gone } = numpy;
    expect(sentences(kernel([{ ...gone, outcome: "removed" }]))[0]).toBe(
      '`import numpy` in kernel "Python 3" was 1.24.2 (science/stars), is gone',
    );
    expect(sentences(kernel([{ ...numpy, outcome: "undecided", note: "/etc/x.pth runs code" }]))[0]).toBe(
      '`import numpy` in kernel "Python 3" is undecided: /etc/x.pth runs code, from compat/jup/Dockerfile:3 (COPY)',
    );
  });

  it("passes over what is added or has moved", () => {
    expect(
      sentences(
        kernel([
          { ...numpy, outcome: "added" },
          { ...numpy, outcome: "moved" },
        ]),
      ),
    ).toEqual([]);
  });
});

describe("a variable that differs", () => {
  const variable = (name: string, resolved: boolean) => ({ name, resolved, after: "/opt" });
  const other = {
    environment: [variable("LANG", false), variable("PYTHONPATH", true), variable("SCISERVER_IMAGE", false)],
  };

  it("is told, but for the name of the image and what the doors tell", () => {
    expect(sentences({ ...nothing, ...other })).toEqual(['the variable LANG was not set (science/stars), is "/opt"']);
  });

  it("is told as the cause where a door leads elsewhere", () => {
    expect(sentences({ ...kernel([numpy]), ...other }).slice(1)).toEqual([
      expect.stringContaining("LANG"),
      expect.stringContaining("PYTHONPATH"),
    ]);
  });
});

describe("what stops an image", () => {
  const stops = (comparison: Comparison, more: Partial<FreezeRule> = {}): boolean =>
    isStopped(examine(comparison, rule(more), telling));

  it("is what has changed, is gone or undecided, a new setuid bit, and what nobody has examined", () => {
    expect(stops(nothing)).toBe(false);
    expect(stops(kernel([numpy]))).toBe(true);
    const setuid = { kind: "setuid", count: 1, path: "/usr/bin/x", layer: 1 } as const;
    expect(stops({ ...nothing, attributes: [setuid] })).toBe(true);
    expect(stops({ ...nothing, attributes: [{ ...setuid, kind: "ownership" }] })).toBe(false);
    expect(stops({ ...nothing, environment: [{ name: "LANG", resolved: false, after: "C" }] })).toBe(false);
    expect(isStopped(notExamined("no facts"))).toBe(true);
  });

  it("is nothing that may change, which is told with its reason all the same", () => {
    const mayChange = { "python:num*": "the notebook needs it" };
    expect(stops(kernel([numpy]), { mayChange })).toBe(false);
    const told = freezeProblem("compat/x:1.0", examine(kernel([numpy]), rule({ mayChange }), telling), rule());
    expect(told?.severity).toBe("warning");
    expect(told?.notes[0]?.message).toContain("(it may: the notebook needs it)");
  });

  it("is an error under enforce and a warning under warn, with the exception to copy", () => {
    const examination = examine(kernel([numpy]), rule(), telling);
    const problem = freezeProblem("compat/x:1.0", examination, rule());
    expect(problem).toMatchObject({
      severity: "error",
      message: "compat/x:1.0 changes what users of science/stars get, so that it gets no tag",
      help: expect.stringContaining('"mayChange": { "python:numpy": "REASON" }'),
    });
    expect(freezeProblem("compat/x:1.0", examination, rule({ mode: "warn" }))?.severity).toBe("warning");
    expect(freezeProblem("compat/x:1.0", examine(nothing, rule(), telling), rule())).toBeUndefined();
  });
});

describe("an exception", () => {
  it("is a name, a beginning with a star, or a folder", () => {
    const all = { "python:numpy": "a", "command:jup*": "b", "file:/etc/skel": "c" };
    const of = (key: string) => exceptionFor(key, all);
    expect([of("python:numpy"), of("command:jupyter-lab"), of("file:/etc/skel/.bashrc")]).toEqual(["a", "b", "c"]);
    expect([of("python:numpy2"), of("command:ju"), of("file:/etc/skeleton"), of("r:numpy"), of("toString")]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});

describe("the tests of a science image", () => {
  it("are needed where something is other, or nobody knows", () => {
    expect(needsTests(examine(kernel([numpy]), rule(), telling))).toBe(true);
    expect(needsTests(notExamined("x"))).toBe(true);
    expect(needsTests(examine({ ...nothing, outcome: "added" }, rule(), telling))).toBe(false);
  });
});

describe("what an image is held to", () => {
  const none = { science: "science/x", scienceTests: [] };
  const settings = { freeze: "warn", mayChange: { "r:rlang": "x" }, tests: "changed" } as const;

  it("is said by the topmost layer of a stack that says something, with the exceptions of all", () => {
    const low = compat("low", "", { freeze: "enforce", mayChange: { "python:numpy": "y" } });
    const top = compat("top", "");
    const found = freezeRule([low, top], settings, none);
    expect(found).toMatchObject({ mode: "enforce", mayChange: { "r:rlang": "x", "python:numpy": "y" } });
    expect(freezeRule([low, compat("top", "", { freeze: "off" })], settings, none).mode).toBe("off");
    expect(freezeRule([top], settings, none).mode).toBe("warn");
  });
});
