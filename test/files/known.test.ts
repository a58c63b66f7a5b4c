import { describe, expect, it } from "vitest";
import type { FileEntry } from "../../src/files/entry.ts";
import { FileIndex } from "../../src/files/index.ts";
import { AskedFiles, NotKnownError, readKnownFiles } from "../../src/files/known.ts";
import { encodeRecord } from "../../src/files/record.ts";
import { sha256Digest } from "../../src/oci/digest.ts";

const layers = [sha256Digest("one"), sha256Digest("two")];
const entry = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({
  path,
  type: "directory",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 5,
  layer: 1,
  ...more,
});
const entries = [
  entry("etc"),
  entry("etc/passwd", { type: "file", size: 9, content: { layer: 0, path: "etc/passwd" } }),
  entry("opt", { mode: 0o2775, gid: 7, xattrs: { "user.x": "eA==" } }),
  entry("usr/local"),
  entry("var", { type: "symlink", link: "/élan" }),
];
const lines = Buffer.from(`${entries.map(encodeRecord).sort().join("\n")}\n`, "latin1");
const index = new FileIndex(layers, { passwd: "root:x:0:0\n" }, lines);

/** What is written down when these are asked for. */
function noted(...paths: readonly string[]): string {
  const asked = new AskedFiles(index, layers);
  for (const path of paths) asked.get(path);
  return asked.text() ?? "too much";
}

describe("what was asked of files", () => {
  it("is answered again without an index", () => {
    const known = readKnownFiles(noted("opt", "var", "etc/passwd", "opt/ui/bin", ""), layers);
    for (const path of ["opt", "var", "etc/passwd", ""]) expect(known?.get(path)).toEqual(index.get(path));
    expect(known?.get("opt/ui/bin")).toBeUndefined();
  });

  it("answers for everything below a folder that is not there", () => {
    const known = readKnownFiles(noted("opt/ui/bin/start"), layers);
    expect(known?.get("opt/ui")).toBeUndefined();
    expect(known?.get("opt/ui/lib/deep/file")).toBeUndefined();
    expect(() => known?.get("opt/other")).toThrow(NotKnownError);
  });

  it("takes no folder for absent that has something below it", () => {
    const known = readKnownFiles(noted("usr/lib"), layers);
    expect(known?.get("usr/lib")).toBeUndefined();
    expect(() => known?.get("usr/local")).toThrow(NotKnownError);
    expect(noted("usr")).toBe("too much");
  });

  it("answers nothing else, neither what is in a folder nor who has an account", () => {
    const known = readKnownFiles(noted("opt"), layers);
    expect(() => known?.get("etc")).toThrow(NotKnownError);
    expect(() => known?.children()).toThrow(NotKnownError);
    expect(() => known?.accounts.passwd).toThrow(NotKnownError);
  });

  it("has the accounts where they were asked for", () => {
    const asked = new AskedFiles(index, layers);
    expect(asked.accounts.passwd).toBe("root:x:0:0\n");
    const known = readKnownFiles(asked.text() ?? "", layers);
    expect([known?.accounts.passwd, known?.accounts.group]).toEqual(["root:x:0:0\n", undefined]);
  });

  it("can be noted again from what is known", () => {
    const text = noted("opt/ui/bin", "etc/passwd");
    const known = readKnownFiles(text, layers);
    const asked = known && new AskedFiles(known, layers);
    for (const path of ["opt/ui/lib", "etc/passwd"]) asked?.get(path);
    expect(readKnownFiles(asked?.text() ?? "", layers)?.get("opt/ui")).toBeUndefined();
  });

  it("is not written down where it is too much, or a folder was listed", () => {
    const asked = new AskedFiles(index, layers);
    for (let at = 0; at < 200; at += 1) asked.get(`file${at}`);
    expect(asked.text()).toBeUndefined();
    const listed = new AskedFiles(index, layers);
    expect([...listed.children("etc")]).toHaveLength(1);
    expect(listed.text()).toBeUndefined();
  });

  it.each([
    ["of other layers", () => [noted("opt"), [layers[0]]] as const],
    ["that is nothing", () => ["nonsense", layers] as const],
    ["that is cut", () => [noted("opt").slice(0, 30), layers] as const],
  ])("is not believed %s", (_, made) => {
    const [text, of] = made();
    expect(readKnownFiles(text, of as typeof layers)).toBeUndefined();
  });
});
