import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { commonOptions } from "../../src/cli/common-options.ts";
import { commandsDocument } from "./commands-document.ts";

const path = join(import.meta.dirname, "../../docs/commands.md");
const between = /(?<=<!-- generated from src\/cli\/commands -->\n)[^]*(?=<!-- end of what is generated -->)/;

describe("docs/commands.md", () => {
  it("has the commands that the code has; npm run generate renews it", async () => {
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(between);
    await expect(text.replace(between, () => `\n${commandsDocument(commands)}\n`)).toMatchFileSnapshot(path);
  });
});

describe("the commands", () => {
  it.each(commands.map((each) => [each.name, each] as const))(
    "%s has an example and options of its own names",
    (_, command) => {
      expect(command.examples.length).toBeGreaterThan(0);
      const names = [...command.options, ...commonOptions(command.formats)].flatMap((each) => [
        each.name,
        ...(each.aliases ?? []),
      ]);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it("agree on the kind of an option that several have", () => {
    const kinds = new Map<string, string>();
    for (const { name, kind } of commands.flatMap((each) => each.options)) {
      expect(kinds.get(name) ?? kind, name).toBe(kind);
      kinds.set(name, kind);
    }
  });
});
