import { describe, expect, it } from "vitest";
import { readNames } from "../../src/catalogue/names.ts";
import { compatFiles, folderOf, scienceFiles } from "../support/repository.ts";

describe("the names of a catalogue", () => {
  it("are read of what can be read", () => {
    const path = folderOf({
      ...scienceFiles("nist", "debian"),
      ...scienceFiles("nist-2", "sci/nist:1.0", { image: "nist", version: "2.0", target: "second", retires: ["0.9"] }),
      "science/broken/sciserver-image.json": '{ "image": "broken" "version": }',
      "science/empty/README": "",
      "science/number/sciserver-image.json": '{ # a number\n"image": "number", "version": 2.10 }',
      ...compatFiles("jupyter"),
      "image-builder.json": {
        adopted: [{ image: "old", version: "1.0" }, { image: "half" }, null],
        withdrawn: [{ image: "nist", tag: "1.0-42-f90dbd6" }],
      },
    });
    expect(readNames(path)).toEqual({
      directories: [
        "science/broken",
        "science/empty",
        "science/nist",
        "science/nist-2",
        "science/number",
        "compat/jupyter",
      ],
      images: ["broken", "nist", "number"],
      versions: ["nist:1.0", "nist:2.0", "number:2.10", "old:1.0"],
      targets: ["broken", "nist", "second", "number"],
      compat: ["jupyter"],
      adopted: ["old:1.0"],
      retired: ["nist:0.9"],
      withdrawn: ["nist:1.0-42-f90dbd6"],
    });
  });

  it("are those of each variant", () => {
    const list = [{ version: "1" }, { version: 2.1, image: "py-gpu" }];
    const path = folderOf({
      "science/p/sciserver-image.json": { image: "py", retires: ["0"], variants: "list.json" },
      "science/p/list.json": list,
      "science/q/sciserver-image.json": { image: "q", variants: [{ version: "1" }] },
    });
    const { images, versions, targets, retired } = readNames(path);
    expect([images, versions]).toEqual([
      ["py", "py-gpu", "q"],
      ["py-gpu:2.1", "py:1", "q:1"],
    ]);
    expect([targets, retired]).toEqual([
      ["p", "q"],
      ["py:0", "py-gpu:0"],
    ]);
  });

  it("are none where there is no catalogue", () => {
    expect(Object.values(readNames("/nowhere"))).toEqual(Array.from({ length: 8 }, () => []));
  });
});
