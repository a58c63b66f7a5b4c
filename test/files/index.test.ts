import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord } from "../../src/files/record.ts";
import { readIndex, writeIndex } from "../../src/files/serialize.ts";
import { indexOf, pathsOf } from "./support.ts";

describe("the index of an image's files", () => {
  it("keeps type, mode, owner, size and link of every path", async () => {
    const index = await indexOf([
      { path: "opt/", mode: 0o2770, uid: 5, gid: 6 },
      { path: "opt/tool", mode: 0o4755, text: "abc", xattrs: { "user.a": "b" } },
      { path: "lib", type: "symlink", linkname: "usr/lib" },
      { path: "dev/null", type: "character", devmajor: 1, devminor: 3, mode: 0o666 },
    ]);
    expect(index.get("opt")).toEqual({
      path: "opt",
      type: "directory",
      mode: 0o2770,
      uid: 5,
      gid: 6,
      size: 0,
      mtime: 0,
      layer: 0,
    });
    expect(index.get("opt/tool")).toMatchObject({ type: "file", mode: 0o4755, size: 3, xattrs: { "user.a": "b" } });
    expect(index.get("lib")).toMatchObject({ type: "symlink", link: "usr/lib" });
    expect(index.get("dev/null")).toMatchObject({ type: "character", device: { major: 1, minor: 3 } });
    expect(index.get("dev")).toMatchObject({ type: "directory", mode: 0o755 });
    expect(index.get("opt/absent")).toBeUndefined();
    expect(index.get("")).toMatchObject({ type: "directory" });
  });

  it("lists a folder without its neighbours whose names begin alike", async () => {
    const index = await indexOf([
      { path: "a/" },
      { path: "a/x" },
      { path: "a/d/" },
      { path: "a/d/y" },
      { path: "a-b" },
      { path: "a.b" },
      { path: "ab/z" },
    ]);
    expect([...index.children("a")].map((each) => each.path)).toEqual(["a/d", "a/x"]);
    expect([...index.under("a")].map((each) => each.path)).toEqual(["a/d", "a/d/y", "a/x"]);
    expect([...index.children("")].map((each) => each.path)).toEqual(["a", "a-b", "a.b", "ab"]);
  });

  it("survives being written and read, byte for byte", async () => {
    const index = await indexOf([
      { path: "etc/passwd", text: "idies:x:1000:1000::/home/idies:/bin/sh\n" },
      { path: "na\udcffme\n\t %41" },
      { path: "ü/é" },
    ]);
    const copy = await readIndex(await writeIndex(index));
    expect(pathsOf(copy)).toEqual(pathsOf(index));
    expect(copy.get("na\udcffme\n\t %41")?.type).toBe("file");
    expect(copy.accounts).toEqual(index.accounts);
    expect(await writeIndex(copy)).toEqual(await writeIndex(index));
  });

  it("refuses bytes that are not an index", async () => {
    await expect(readIndex(Buffer.from("nonsense"))).rejects.toThrow("cannot be read");
    const whole = await writeIndex(await indexOf([{ path: "a" }]));
    await expect(readIndex(whole.subarray(0, whole.length - 9))).rejects.toThrow("cannot be read");
  });

  it("gives back every record it writes", () => {
    const path = fc.array(
      fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !name.includes("/") && !name.includes("\0")),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(path, fc.nat(0o7777), fc.nat(), fc.string(), (names, mode, uid, link) => {
        const entry = {
          path: names.join("/"),
          type: "symlink",
          mode,
          uid,
          gid: 1,
          size: 0,
          mtime: 1,
          layer: 2,
          link,
        } as const;
        expect(decodeRecord(encodeRecord(entry))).toEqual(entry);
      }),
    );
  });
});
