import { describe, expect, it } from "vitest";
import type { Examined } from "../../src/freeze/model.ts";
import { examinedSchema } from "../../src/freeze/schema.ts";

describe("what a job leaves of an examined image", () => {
  const examined: Examined = {
    examination: {
      resolves: "changed",
      doors: [{ door: "sh -c", outcome: "changed" }],
      findings: [
        { key: "python:numpy", says: "x", stops: false, excepted: "y" },
        { says: "z", stops: false },
      ],
      problems: [],
    },
    tests: { state: "not tested", why: "no engine" },
  };

  it("is read as it was written", () => {
    expect(examinedSchema.parse(JSON.parse(JSON.stringify(examined)))).toEqual(examined);
    expect(examinedSchema.parse({ tests: { state: "off" } })).toEqual({ tests: { state: "off" } });
  });

  it("is refused when it is something else", () => {
    const strange = { ...examined, examination: { ...examined.examination, resolves: "fine" } };
    expect(examinedSchema.safeParse(strange).success).toBe(false);
  });
});
