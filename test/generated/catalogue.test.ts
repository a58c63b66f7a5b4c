import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { compatDefinition, scienceDefinition, settingsFile } from "../../src/catalogue/schema.ts";
import { testTable } from "../../src/catalogue/test-schema.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/catalogue.md"), "utf8");

/** The keys in the first column of the table of a chapter. */
function documentedKeys(chapter: string): string[] {
  const section = text.split(/^## /m).find((each) => each.startsWith(chapter)) ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "");
}

describe("docs/catalogue.md", () => {
  it.each<[string, z.ZodObject]>([
    ["A science layer", scienceDefinition],
    ["A compat layer", compatDefinition],
    ["Tests", testTable],
    ["Settings", settingsFile],
  ])("explains every key of the chapter %j, and no other", (chapter, schema) => {
    expect(documentedKeys(chapter).sort()).toEqual(Object.keys(schema.shape).sort());
  });
});
