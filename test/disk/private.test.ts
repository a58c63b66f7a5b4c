import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLogs } from "../../src/engines/logs.ts";
import { createIndexCache } from "../../src/files/cache.ts";
import { journalFolder, readJournals, writeJournal } from "../../src/publish/journal.ts";
import { indexOf } from "../files/support.ts";

const root = mkdtempSync(join(tmpdir(), "private-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const newFolder = (): string => mkdtempSync(join(root, "x-"));
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A folder `image-builder` as an earlier version has made it. */
function openFolder(parent: string): string {
  const folder = join(parent, "image-builder");
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

async function write(folder: string): Promise<void> {
  const log = await createLogs(join(folder, "logs/run")).open("science/x");
  await new Promise<void>((done) => log.end("said", () => done()));
}

const journal = (run: string) => ({
  formatVersion: 1 as const,
  run,
  started: "2024-01-01T00:00:00Z",
  repo: "registry.test/images",
  commit: "c",
  stamp: "s",
  state: "moving" as const,
  units: [],
});

describe("others read nothing", () => {
  it("of journals, also where an earlier version had let them", async () => {
    const git = newFolder();
    const top = openFolder(git);
    const before = modeOf(git);
    await writeJournal(journalFolder(git), journal("r"));
    expect([modeOf(top), modeOf(join(top, "runs/r.json")), modeOf(git)]).toEqual(["700", "600", before]);
    expect(readdirSync(join(top, "runs"))).toEqual(["r.json"]);
  });

  it("of caches, also where an earlier version had let them", async () => {
    const top = openFolder(newFolder());
    const index = await indexOf([{ path: "a" }]);
    await createIndexCache(top).put(index);
    const names = readdirSync(join(top, "files"));
    expect(names).toHaveLength(1);
    expect([modeOf(top), modeOf(join(top, "files", names[0] as string))]).toEqual(["700", "600"]);
    expect(await createIndexCache(top).get(index.layers)).toBeDefined();
  });

  it("of logs, also where an earlier version had let them", async () => {
    const top = openFolder(newFolder());
    await write(top);
    expect([modeOf(top), modeOf(join(top, "logs/run/science/x.log"))]).toEqual(["700", "600"]);
  });
});

it("a log is not written through a link", async () => {
  const top = openFolder(newFolder());
  const precious = join(newFolder(), "precious");
  writeFileSync(precious, "precious");
  mkdirSync(join(top, "logs/run/science"), { recursive: true });
  symlinkSync(precious, join(top, "logs/run/science/x.log"));
  await write(top);
  expect(readFileSync(precious, "utf8")).toBe("precious");
});

it("journals that cannot be read are not taken for none: one may be unfinished", async () => {
  const git = newFolder();
  expect(await readJournals(journalFolder(git))).toEqual([]);
  writeFileSync(join(openFolder(git), "runs"), "");
  await expect(readJournals(journalFolder(git))).rejects.toThrow("ENOTDIR");
});

describe.runIf(isRoot)("what another user has prepared", () => {
  it("gets no log, and no folder through a link", async () => {
    const [common, elsewhere] = [newFolder(), newFolder()];
    symlinkSync(elsewhere, join(common, "image-builder"));
    lchownSync(join(common, "image-builder"), nobody, nobody);
    await expect(write(join(common, "image-builder"))).rejects.toMatchObject({
      diagnostics: [{ code: "foreign-folder" }],
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("is no cache: nothing is read, written, or removed to make room", async () => {
    const index = await indexOf([{ path: "a" }]);
    const [own, common, elsewhere] = [newFolder(), newFolder(), newFolder()];
    await createIndexCache(own).put(index);
    const [kept] = readdirSync(join(own, "files"));
    writeFileSync(join(elsewhere, kept as string), readFileSync(join(own, "files", kept as string)));
    writeFileSync(join(elsewhere, "precious"), "");
    truncateSync(join(elsewhere, "precious"), 3 * 1024 ** 3);
    const top = openFolder(common);
    symlinkSync(elsewhere, join(top, "files"));
    lchownSync(top, nobody, nobody);
    const cache = createIndexCache(top);
    expect(await cache.get(index.layers)).toBeUndefined();
    await cache.put(await indexOf([{ path: "b" }]));
    expect(new Set(readdirSync(elsewhere))).toEqual(new Set([kept, "precious"]));
  });
});
