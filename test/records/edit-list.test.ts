import { describe, expect, it } from "vitest";
import { readJson } from "../../src/catalogue/json.ts";
import { withEntry, withoutEntries } from "../../src/records/edit-list.ts";

const a = { image: "a" };
const b = { image: "b" };
const parsed = (text: string): unknown => {
  const { value, diagnostics } = readJson({ path: "image-builder.json", text });
  expect(diagnostics).toEqual([]);
  return JSON.parse(JSON.stringify(value));
};

describe("adding to a list", () => {
  it("makes the file and the list where there are none", () => {
    expect(withEntry("", "adopted", a)).toBe('{\n  "adopted": [\n    {\n      "image": "a"\n    }\n  ]\n}\n');
    expect(withEntry("{}\n", "adopted", a)).toBe('{\n  "adopted": [\n    {\n      "image": "a"\n    }\n  ]\n}\n');
  });

  it.each([
    [
      "comments of every kind",
      '# top\n{\n  # where\n  "repo": "x", # home\n  #\n  "jobs": 2 // two, "]"\n  /* } */\n}\n# end\n',
    ],
    [
      "tabs and a list that is there",
      '{\n\t"adopted": [\n\t\t# first\n\t\t{"image": "b"}, # why b\n\t],\n\t"jobs": 1\n}\n',
    ],
    ["one line", '{"repo": "x"}'],
    ["one line with a list", '{"adopted": [{"image": "b"}], "repo": "x"}'],
    ["an empty list", '{\n    "adopted": []\n}\n'],
    ["a list of nothing but a comment", '{\n  "adopted": [\n    # none yet\n  ]\n}\n'],
    ["line ends of Windows", '{\r\n  "repo": "x" # home\r\n}\r\n'],
  ])("keeps every line of a file with %s", (_, text) => {
    const once = withEntry(text, "adopted", a);
    const twice = withEntry(once, "adopted", { image: "c" });
    const before = parsed(text) as { adopted?: object[] };
    expect(parsed(twice)).toEqual({ ...before, adopted: [...(before.adopted ?? []), a, { image: "c" }] });
    for (const comment of text.match(/#[^\n]*|\/\/[^\n]*|\/\*.*\*\//g) ?? []) expect(twice).toContain(comment);
    expect(parsed(withoutEntries(twice, "adopted", [before.adopted?.length ?? 0]))).toEqual({
      ...before,
      adopted: [...(before.adopted ?? []), { image: "c" }],
    });
  });

  it("adds lines and changes none but for the comma that is needed", () => {
    const text = '{\n  "repo": "x", # home\n  "withdrawn": [\n    {"image": "b"} # because\n  ] # list\n}\n';
    expect(withEntry(text, "withdrawn", a)).toBe(
      '{\n  "repo": "x", # home\n  "withdrawn": [\n    {"image": "b"}, # because\n    {\n      "image": "a"\n    }\n  ] # list\n}\n',
    );
  });
});

describe("removing from a list", () => {
  const text = '{\n  "adopted": [\n    {"image": "a"}, # one\n    {"image": "b"} # two\n  ]\n}\n';

  it("takes the comma along, and leaves comments", () => {
    expect(parsed(withoutEntries(text, "adopted", [0]))).toEqual({ adopted: [b] });
    expect(parsed(withoutEntries(text, "adopted", [1]))).toEqual({ adopted: [a] });
    expect(parsed(withoutEntries(text, "adopted", [0, 1]))).toEqual({ adopted: [] });
    expect(withoutEntries(text, "adopted", [0])).toContain("# one");
  });
});
