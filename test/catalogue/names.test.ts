import { describe, expect, it } from "vitest";
import { readNames } from "../../src/catalogue/names.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

describe("the names of a catalogue", () => {
  it("are read of what can be read", () => {
    const { path } = repository({
      ...scienceFiles("nist", "debian"),
      ...scienceFiles("nist-2", "sci/nist:1.0", { image: "nist", version: "2.0", target: "second" }),
      "science/broken/sciserver-image.json": '{ "image": "broken" "version": }',
      "science/empty/README": "",
      "science/number/sciserver-image.json": '{ # a number\n"image": "number", "version": 2.10 }',
      ...compatFiles("jupyter"),
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
      images: ["broken", "nist", "nist:1.0", "nist:2.0", "number", "number:2.10", "second"],
      targets: ["broken", "nist", "second", "number"],
      compat: ["jupyter"],
    });
  });

  it("are none where there is no catalogue", () => {
    expect(readNames("/nowhere")).toEqual({ directories: [], images: [], targets: [], compat: [] });
  });
});
