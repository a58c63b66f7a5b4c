import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { logRedactor } from "../../src/diagnostics/redact.ts";
import { claimLogFolder, createLogs } from "../../src/engines/logs.ts";

const password = "hun/ter 2ß";

async function written(chunks: readonly (string | Buffer)[]): Promise<{ file: string; said: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const logs = createLogs(folder, logRedactor([password]));
  const said: string[] = [];
  const log = await logs.open("science/x", (line) => said.push(line));
  for (const chunk of chunks) log.write(chunk);
  log.end();
  await once(log, "close");
  return { file: readFileSync(logs.pathOf("science/x"), "utf8"), said };
}

describe("the folder for the logs of a run", () => {
  it("is of one run and one clone alone, though they are called alike and begin at once", async () => {
    const root = mkdtempSync(join(tmpdir(), "logs-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const clones = ["a/catalogue/.git", "b/catalogue/.git"].map((each) => join(root, each));
    for (const each of clones) mkdirSync(each, { recursive: true });
    symlinkSync(join(root, "a"), join(root, "link"));
    const again = join(root, "link/catalogue/.git");
    const environment = { XDG_STATE_HOME: join(root, "state") };
    const claimed = await Promise.all([...clones, again].map((each) => claimLogFolder(environment, each, "run")));
    expect(new Set(claimed.map(({ folder }) => folder)).size).toBe(3);
    const [first, other, second] = claimed;
    expect(first && other && dirname(first.folder) === dirname(other.folder)).toBe(false);
    expect(new Set([first?.run, second?.run])).toEqual(new Set(["run", "run-2"]));
    expect(other).toMatchObject({ run: "run", folder: expect.stringMatching(/logs\/catalogue-[0-9a-f]{8}\/run$/) });
  });
});

describe("a log", () => {
  it("has all that was said, and each line is told as it comes", async () => {
    expect(await written(["one\ntw", "o\r\nthr", Buffer.from("ee\nfour")])).toEqual({
      file: "one\ntwo\r\nthree\nfour",
      said: ["one", "two\r", "three"],
    });
  });

  it("has no password, in whatever pieces it comes", async () => {
    const text = Buffer.from(`sent ${password}\nand ${password} twice\n${Buffer.from(password).toString("base64")}`);
    for (let size = 1; size <= text.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.subarray(at * size, (at + 1) * size),
      );
      const { file, said } = await written(chunks);
      expect(file).toMatch(/^sent \*\*\*\nand \*\*\* twice\n\*\*\*\w?=*$/);
      expect(said).toEqual(["sent ***", "and *** twice"]);
    }
  });

  it("of a line without end is written, too", async () => {
    const { file } = await written(Array.from({ length: 20 }, () => "x".repeat(10_000)));
    expect(file).toHaveLength(200_000);
  });
});
