import { expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { changes } from "../support/literal.ts";
import { compatFiles, folderOf } from "../support/repository.ts";

const definition = (variants: unknown, more: object = {}) =>
  JSON.stringify({ image: "py", compat: "jupyter", ...more, variants }, null, 1);

const top = ["science/top", "compat/top:1"];
const idsOf = (...versions: string[]) => versions.flatMap((each) => [`science/p:${each}`, `compat/py:${each}`]);

/** Each is a commit on the one before: what it does, the definition and the list, and what is planned and said. */
const steps: [what: string, definition: string, list: string, expected: string[]][] = [
  [
    "an argument of one",
    definition([{ version: "1" }, { version: "2", args: { A: "1" } }]),
    "[]",
    [...idsOf("2"), ...top],
  ],
  ["the order", definition([{ version: "2", args: { A: "1" } }, { version: "1" }]), "[]", []],
  ["one more", definition([{ version: "2", args: { A: "1" } }, { version: "1" }, { version: "3" }]), "[]", idsOf("3")],
  ["one less", definition([{ version: "2", args: { A: "1" } }, { version: "1" }]), "[]", []],
  [
    "an argument of all",
    definition([{ version: "2", args: { A: "1" } }, { version: "1" }], { args: { B: "1" } }),
    "[]",
    [...idsOf("1", "2"), ...top],
  ],
  [
    "into a file, one of them changed",
    definition("list.json", { args: { B: "1" } }),
    '[{"version":"1"}, {"version":"2","args":{"A":"2"}}]',
    [...idsOf("1", "2"), ...top],
  ],
  [
    "the file",
    definition("list.json", { args: { B: "1" } }),
    '[{"version":"1"}, {"version":"2","args":{"A":"3"}}]',
    [...idsOf("2"), ...top],
  ],
  ["the file, one less", definition("list.json", { args: { B: "1" } }), '[{"version":"2","args":{"A":"3"}}]', []],
  [
    "the file, what no build reads",
    definition("list.json", { args: { B: "1" } }),
    '[{"version":"2","args":{"A":"3"},"description":"two"}]',
    [...idsOf("2"), ...top, "unreached-change"],
  ],
];

it("a change of an entry is a change of that variant alone, with what is built on it", () => {
  let before = files(definition([{ version: "1" }, { version: "2" }]), "[]");
  for (const [what, text, list, expected] of steps) {
    const after = files(text, list);
    const { builds, warnings } = planOf(before, after);
    const found = [...builds.map(({ id }) => id), ...warnings.map(({ code }) => code)];
    expect([what, ...found.sort()]).toEqual([what, ...[...expected].sort()]);
    before = after;
  }
});

const files = (text: string, list: string) => ({
  "science/p/sciserver-image.json": text,
  "science/p/list.json": list,
  "science/p/Dockerfile": "FROM scratch\nCOPY . /x\n",
  "science/top/sciserver-image.json": JSON.stringify({ image: "top", version: "1", compat: "jupyter" }),
  "science/top/Dockerfile": "FROM sci/p:2\n",
});

function planOf(before: ReturnType<typeof files>, after: ReturnType<typeof files>) {
  const changed = Object.entries(before).filter(([path, text]) => after[path as keyof typeof after] !== text);
  return makePlan(
    loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...after })),
    changes(changed.map(([path, text]) => ({ path, status: "modified", uncommitted: false, before: text }))),
  );
}
