import { describe, expect, it } from "vitest";
import { contentPlace } from "../../src/files/entry.ts";
import { indexOf, pathsOf } from "./support.ts";

describe("a layer over an index", () => {
  it("removes what it whites out, with all that is below", async () => {
    const index = await indexOf(
      [{ path: "a/" }, { path: "a/b/" }, { path: "a/b/c" }, { path: "a/bc" }, { path: "d" }],
      [{ path: "a/.wh.b" }, { path: ".wh.d" }],
    );
    expect(pathsOf(index)).toEqual(["a", "a/bc"]);
  });

  it("empties a folder that it makes opaque and keeps what it brings itself", async () => {
    const index = await indexOf(
      [{ path: "a/", uid: 7 }, { path: "a/b" }],
      [{ path: "a/new" }, { path: "a/.wh..wh..opq" }],
    );
    expect(pathsOf(index)).toEqual(["a", "a/new"]);
    // The layer has no entry for it: an engine that unpacks it makes the folder anew.
    expect(index.get("a")?.uid).toBe(0);
  });

  it("keeps the content of a folder whose owner it changes and drops that of one it replaces by a file", async () => {
    const index = await indexOf(
      [{ path: "a/" }, { path: "a/b" }, { path: "c/" }, { path: "c/d" }],
      [{ path: "a/", uid: 9 }, { path: "c" }],
    );
    expect(pathsOf(index)).toEqual(["a", "a/b", "c"]);
    expect(index.get("a")?.uid).toBe(9);
    expect(index.get("c")?.type).toBe("file");
  });

  it("puts files below a symbolic link of the same layer where the link leads, and knows their content by its name there", async () => {
    const index = await indexOf([
      { path: "usr/lib/" },
      { path: "lib", type: "symlink", linkname: "/usr/lib" },
      { path: "lib/x" },
      { path: "lib/y", type: "hardlink", linkname: "lib/x" },
    ]);
    expect(index.get("lib")?.type).toBe("symlink");
    for (const path of ["usr/lib/x", "usr/lib/y"]) {
      const entry = index.get(path);
      expect(entry && contentPlace(entry)).toEqual({ layer: 0, path: "lib/x" });
    }
  });

  it("makes a folder in place of a symbolic link of a lower layer, as an engine that unpacks each layer by itself", async () => {
    const index = await indexOf(
      [{ path: "usr/lib/" }, { path: "usr/lib/old" }, { path: "lib", type: "symlink", linkname: "/usr/lib" }],
      [{ path: "lib/x" }],
    );
    expect(pathsOf(index)).toEqual(["lib", "lib/x", "usr", "usr/lib", "usr/lib/old"]);
    expect(index.get("lib")?.type).toBe("directory");
  });

  it("knows where the content of a hard link is, also when the first name is gone", async () => {
    const index = await indexOf(
      [
        { path: "a", text: "hello", mode: 0o600 },
        { path: "b", type: "hardlink", linkname: "a" },
      ],
      [{ path: ".wh.a" }, { path: "c" }],
    );
    const entry = index.get("b");
    expect(entry).toMatchObject({ type: "file", mode: 0o600, size: 5 });
    expect(entry && contentPlace(entry)).toEqual({ layer: 0, path: "a" });
    expect(index.get("c")?.layer).toBe(1);
  });

  it("follows the accounts through the layers", async () => {
    const first = [
      { path: "etc/passwd", text: "a:x:1:1::/:\n" },
      { path: "etc/group", text: "a:x:1:\n" },
    ];
    expect((await indexOf(first)).accounts).toEqual({ passwd: "a:x:1:1::/:\n", group: "a:x:1:\n" });
    expect((await indexOf(first, [{ path: "etc/passwd", text: "b" }])).accounts).toEqual({
      passwd: "b",
      group: "a:x:1:\n",
    });
    expect((await indexOf(first, [{ path: "etc/.wh.group" }])).accounts).toEqual({ passwd: "a:x:1:1::/:\n" });
    expect((await indexOf(first, [{ path: ".wh.etc" }])).accounts).toEqual({});
  });

  it("refuses an entry that leaves the image", async () => {
    await expect(indexOf([{ path: "../x" }])).rejects.toThrow("leaves the image");
  });
});
