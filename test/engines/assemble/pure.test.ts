import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excluder } from "../../../src/engines/assemble/evaluate/exclude.ts";
import { parseDuration } from "../../../src/engines/assemble/evaluate/healthcheck.ts";
import { parseMode } from "../../../src/engines/assemble/evaluate/mode.ts";
import { parseOwner } from "../../../src/engines/assemble/evaluate/owner.ts";
import { exposedPorts } from "../../../src/engines/assemble/evaluate/ports.ts";
import { triggersOf } from "../../../src/engines/assemble/evaluate/triggers.ts";
import { foldersOf } from "../../../src/engines/assemble/files/docker-payloads.ts";
import { MemoryTree } from "../../../src/engines/assemble/files/memory-tree.ts";
import { Overlay } from "../../../src/engines/assemble/files/overlay.ts";
import { resolvePath } from "../../../src/engines/assemble/files/resolve-path.ts";
import { folderNode, type Node, type Tree } from "../../../src/engines/assemble/files/tree.ts";
import { matchSources } from "../../../src/engines/assemble/files/wildcards.ts";
import { copyInto } from "../../../src/engines/assemble/layers/copy.ts";
import { layerEntries } from "../../../src/engines/assemble/layers/layer-entries.ts";

const file: Node = { ...folderNode, type: "file", mode: 0o644 };
const link = (to: string): Node => ({ ...folderNode, type: "symlink", mode: 0o777, link: to });

function treeOf(nodes: Readonly<Record<string, Node>>): MemoryTree {
  const tree = new MemoryTree();
  for (const [path, node] of Object.entries(nodes)) tree.set(path, node);
  return tree;
}

describe("a path in an image", () => {
  const tree = treeOf({
    lib: link("usr/lib"),
    abs: link("/opt"),
    up: link("../../../etc"),
    loop: link("loop"),
    "usr/lib": folderNode,
  });

  it.each([
    ["lib/x", "usr/lib/x"],
    ["abs/y/../z", "opt/z"],
    ["up/passwd", "etc/passwd"],
    ["/a//b/./c/", "a/b/c"],
    ["../../..", ""],
    ["absent/../lib", "usr/lib"],
  ])("%s leads to %s", (path, expected) => {
    expect(resolvePath(tree, path)).toBe(expected);
  });

  it("that goes in circles is refused", () => {
    expect(() => resolvePath(tree, "loop/x")).toThrow("symbolic links");
  });

  it("never leads out of the image", () => {
    const names = fc.constantFrom("..", "lib", "up", "abs", "a", ".", "");
    fc.assert(
      fc.property(fc.array(names), (path) => {
        expect(resolvePath(tree, path.join("/")).split("/")).not.toContain("..");
      }),
    );
  });
});

describe("sources of COPY", () => {
  const tree = treeOf({
    "a/x.txt": file,
    "a/b/y.txt": file,
    "a/b/c/z.txt": file,
    "w[1]": file,
    w1: file,
    to: link("a"),
  });

  it.each([
    ["a/x.txt", ["a/x.txt"]],
    ["a/*.txt", ["a/x.txt"]],
    ["*/*/*.txt", ["a/b/y.txt"]],
    ["to/*", ["a/b", "a/x.txt"]],
    ["w[0-9]", ["w1"]],
    ["w[^0-9]*", ["w[1]"]],
    ["w\\[1\\]*", ["w[1]"]],
    ["none*", []],
    ["absent", ["absent"]],
  ])("%s are %j", (pattern, expected) => {
    expect(matchSources(tree, pattern)).toEqual(expected);
  });

  it("refuse a class without an end", () => {
    expect(() => matchSources(tree, "w[1")).toThrow("not complete");
  });
});

describe("modes", () => {
  it.each([
    ["755", 0o644, false, 0o755],
    ["u=rwX,go=rX", 0o600, false, 0o644],
    ["u=rwX,go=rX", 0o700, false, 0o755],
    ["u=rwX,go=rX", 0o600, true, 0o755],
    ["g+w,o-r", 0o644, false, 0o660],
    ["a+x", 0o644, false, 0o755],
    ["+t", 0o755, true, 0o1755],
    ["u+s,g+s", 0o755, false, 0o6755],
    ["g=u", 0o640, false, 0o660],
    ["=", 0o777, false, 0],
  ])("%s makes of %o (folder: %s) %o", (text, before, isFolder, after) => {
    expect(parseMode(text)(before, isFolder)).toBe(after);
  });

  it.each(["888", "77777", "u=q", "", "rwx"])("%s is refused", (text) => {
    expect(() => parseMode(text)).toThrow("mode");
  });
});

describe("owners", () => {
  const accounts = { passwd: "root:x:0:0::/:\nidies:x:1000:1001::/:\n", group: "staff:x:50:\n" };

  it.each([
    ["5", { uid: 5, gid: 5 }],
    ["5:6", { uid: 5, gid: 6 }],
    ["idies", { uid: 1000, gid: 1001 }],
    ["idies:staff", { uid: 1000, gid: 50 }],
    ["root", { uid: 0, gid: 0 }],
    ["7:staff", { uid: 7, gid: 50 }],
  ])("%s is %j", (text, owner) => {
    expect(parseOwner(text, accounts)).toEqual(owner);
  });

  it.each(["nobody", "idies:nobodies"])("%s is refused", (text) => {
    expect(() => parseOwner(text, accounts)).toThrow("no ");
  });
});

describe("a stage's files", () => {
  it("show what was put on top of the base, and hide what it took the place of", () => {
    const overlay = new Overlay(treeOf({ "a/x": file, "a/y": file, b: file }));
    overlay.set("a/z", file);
    expect(overlay.names("a")).toEqual(["x", "y", "z"]);
    overlay.set("a", file);
    expect(overlay.get("a/x")).toBeUndefined();
    expect(overlay.get("a/z")).toBeUndefined();
    overlay.set("a", folderNode);
    expect(overlay.names("a")).toEqual([]);
    expect(overlay.names("")).toEqual(["a", "b"]);
  });

  it("make a layer with the folders on the way, as they are in the base", async () => {
    const overlay = new Overlay(treeOf({ opt: { ...folderNode, mode: 0o700, uid: 9, mtime: 5 } }));
    await copyInto(overlay, "/opt/a/", treeOf({ x: file }), "x", {});
    const entries = layerEntries(overlay.takeChanges(), overlay);
    expect(entries.map(({ path }) => path)).toEqual(["opt", "opt/a", "opt/a/x"]);
    expect(entries[0]?.node).toMatchObject({ mode: 0o700, uid: 9, mtime: folderNode.mtime });
    expect(layerEntries(overlay.takeChanges(), overlay)).toEqual([]);
  });

  it("end up the same in whatever order unrelated files are copied", async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-c]\/[a-z]{1,2}$/), { minLength: 1, maxLength: 8 });
    const layerOf = async (paths: readonly string[]): Promise<unknown> => {
      const overlay = new Overlay(new MemoryTree());
      const source: Tree = treeOf(Object.fromEntries(paths.map((path) => [path, file])));
      for (const path of paths) await copyInto(overlay, `/to/${path}`, source, path, {});
      return layerEntries(overlay.takeChanges(), overlay);
    };
    await fc.assert(
      fc.asyncProperty(names, async (paths) => {
        expect(await layerOf([...paths].reverse())).toEqual(await layerOf(paths));
      }),
    );
  });
});

describe("small grammars", () => {
  it("take no more triggers of a base than anybody has", () => {
    expect(triggersOf(["ENV A=1"]).map(({ keyword }) => keyword)).toEqual(["ENV"]);
    expect(() => triggersOf(Array.from({ length: 1001 }, () => "ENV A=1"))).toThrow("1001 ONBUILD instructions");
  });

  it("read ports, durations and patterns to leave out", () => {
    expect(exposedPorts(["80", "53/UDP", "8000-8001", "127.0.0.1:9:99"])).toEqual([
      "53/udp",
      "80/tcp",
      "8000/tcp",
      "8001/tcp",
      "99/tcp",
    ]);
    expect(() => exposedPorts(["70000"])).toThrow("not a port");
    expect(parseDuration("1m30.5s")).toBe(90_500_000_000);
    expect(() => parseDuration("5 s")).toThrow("not a duration");
    const leavesOut = excluder(["*.md", "lib/*", "!lib/a"]);
    expect([
      leavesOut("x.md", false),
      leavesOut("lib/b", false),
      leavesOut("lib/a", false),
      leavesOut("y", false),
    ]).toEqual([true, true, false, false]);
    expect(foldersOf(["/a/b/*.txt", "/a/b/c", "/d/"])).toEqual(["a/b", "d"]);
  });
});
