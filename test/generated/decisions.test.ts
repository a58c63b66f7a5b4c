import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "../../docs/decisions");
const index = join(folder, "README.md");
const decisions = readdirSync(folder)
  .filter((name) => name !== "README.md")
  .sort();

const listed = (name: string): string => `- [${name.slice(0, 4)} ${titleOf(name)}](${name})\n`;

const titleOf = (name: string): string | undefined =>
  /^# (?:\d{4}\W+)?(.+)$/m.exec(readFileSync(join(folder, name), "utf8"))?.[1];

describe("docs/decisions", () => {
  it("lists every decision; npm run generate renews it", async () => {
    const text = readFileSync(index, "utf8").replace(/^- \[[^]*$/m, "");
    await expect(`${text.trimEnd()}\n\n${decisions.map(listed).join("")}`).toMatchFileSnapshot(index);
  });

  it.each(decisions)("%s has a number of its own and a title", (name) => {
    expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
    expect(titleOf(name)).toBeDefined();
    expect(decisions.filter((each) => each.startsWith(name.slice(0, 4)))).toEqual([name]);
  });
});
