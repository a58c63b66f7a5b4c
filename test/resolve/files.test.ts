import { describe, expect, it } from "vitest";
import { deb } from "../contents/image.ts";
import { link, onTop, program } from "./support.ts";

const status = (...packages: (readonly [string, string])[]) => ({
  path: "var/lib/dpkg/status",
  text: deb(...packages),
});

const science = {
  items: [
    { path: "data/a.txt", text: "a" },
    { path: "data/b.txt", text: "b" },
    ...Array.from({ length: 9 }, (_, at) => ({ path: `fonts/deep/${at}.ttf`, text: String(at) })),
    { path: "etc/passwd", text: "root:x:0:0::/root:/bin/sh\n" },
    { path: "etc/group", text: "root:x:0:\nusers:x:100:\n" },
    { path: "etc/shadow", text: "root:*:19000:0:99999:7:::\n", mode: 0o640 },
    status(["a", "1"], ["b", "1"]),
    program("usr/bin/tool"),
  ],
};

describe("a file of the science image", () => {
  it("is changed or gone, wherever it lies", async () => {
    const { outcome, files } = await onTop(science, {
      items: [{ path: "data/a.txt", text: "x" }, { path: "data/.wh.b.txt" }],
    });
    expect([outcome, files]).toEqual([
      "removed",
      [
        { outcome: "changed", path: "/data/a.txt", count: 1, layer: 1 },
        { outcome: "removed", path: "/data/b.txt", count: 1 },
      ],
    ]);
  });

  it("is told with the others of its folder", async () => {
    const { files } = await onTop(science, { items: [{ path: ".wh.fonts" }] });
    expect(files).toEqual([{ outcome: "removed", path: "/fonts/deep", count: 9 }]);
  });

  it("is the same when a link leads to it, by whatever way", async () => {
    const moved = [
      { path: ".wh.data" },
      { path: "srv/data/a.txt", text: "a" },
      { path: "srv/data/b.txt", text: "b" },
      link("data", "srv/data"),
    ];
    expect((await onTop(science, { items: moved })).files).toEqual([]);
  });
});

describe("bookkeeping", () => {
  it("is the same while it says of everything that was there what it said", async () => {
    const items = [
      status(["a", "1"], ["b", "1"], ["c", "1"]),
      { path: "etc/passwd", text: "root:x:0:0::/root:/bin/sh\nme:x:1000:100::/home/me:/bin/sh\n" },
      { path: "etc/group", text: "root:x:0:\nusers:x:100:me\nme:x:1000:\n" },
      { path: "etc/shadow", text: "root:*:20000:0:99999:7:::\nme:!:20000::::::\n", mode: 0o640 },
      { path: "var/log/dpkg.log", text: "x" },
    ];
    expect((await onTop(science, { items })).outcome).toBe("same");
  });

  it.each([
    ["a line of passwd", { path: "etc/passwd", text: "root:x:0:0::/root:/bin/zsh\n" }],
    ["a member", { path: "etc/group", text: "root:x:1:\nusers:x:100:\n" }],
    ["a password", { path: "etc/shadow", text: "root:$6$x:19000:0:99999:7:::\n", mode: 0o640 }],
  ])("is changed with %s", async (_, item) => {
    const { files } = await onTop(science, { items: [item] });
    expect(files.map(({ path, outcome }) => [path, outcome])).toEqual([[`/${item.path}`, "changed"]]);
  });

  it("holds no password in what is known of it", async () => {
    const { facts } = await (await import("./support.ts")).resolvable([
      [{ path: "etc/shadow", text: "root:$6$secretsalt$secrethash:1::::::\n" }],
    ]);
    expect(JSON.stringify(facts.layers)).not.toContain("secret");
  });

  it("tells packages of another version, of another state, and gone", async () => {
    const half = deb(["a", "1"]).replace("install ok installed", "install ok half-configured");
    const changed = await onTop(science, { items: [status(["a", "2"])] });
    expect(changed.packages.map(({ kind, name, outcome }) => [kind, name, outcome])).toEqual([
      ["deb", "a", "changed"],
      ["deb", "b", "removed"],
    ]);
    const unfinished = await onTop(science, {
      items: [{ path: "var/lib/dpkg/status", text: `${half}\n${deb(["b", "1"])}` }],
    });
    expect(unfinished.packages.map(({ name }) => name)).toEqual(["a"]);
    expect((await onTop(science, { items: [{ path: "var/lib/.wh.dpkg" }] })).outcome).toBe("removed");
  });
});

describe("owners and modes", () => {
  it("are one line a kind, with what they have in common", async () => {
    const items = [
      { path: "data/a.txt", text: "a", uid: 5 },
      { path: "data/b.txt", text: "b", gid: 5, mode: 0o600 },
    ];
    const { outcome, attributes } = await onTop(science, { items });
    expect([outcome, attributes]).toEqual([
      "same",
      [
        { kind: "ownership", count: 2, path: "/data", layer: 1 },
        { kind: "mode", count: 1, path: "/data/b.txt", layer: 1 },
      ],
    ]);
  });

  it("are told for setuid, setgid and capabilities that are new, also of new files", async () => {
    const items = [
      { ...program("usr/bin/tool"), mode: 0o4755 },
      { ...program("usr/bin/new"), mode: 0o2755 },
      { ...program("usr/bin/cap"), xattrs: { "security.capability": "AQ==" } },
    ];
    const { attributes } = await onTop(science, { items });
    expect(attributes.map(({ kind, path }) => [kind, path])).toEqual([
      ["setuid", "/usr/bin/tool"],
      ["setgid", "/usr/bin/new"],
      ["capabilities", "/usr/bin/cap"],
    ]);
    const had = { items: [...science.items, { ...program("usr/bin/su"), mode: 0o4755 }] };
    expect((await onTop(had, { items: [{ ...program("usr/bin/su"), mode: 0o4755, mtime: 5 }] })).attributes).toEqual(
      [],
    );
  });
});

describe("a variable", () => {
  it("is told with what it was, and whether the doors tell what it does", async () => {
    const before = { ...science, config: { Env: ["LANG=C.UTF-8", "OLD=1"] } };
    const { outcome, environment } = await onTop(before, { config: { Env: ["LANG=C", "PYTHONNOUSERSITE=1"] } });
    expect([outcome, environment]).toEqual([
      "same",
      [
        { name: "LANG", resolved: false, before: "C.UTF-8", after: "C" },
        { name: "OLD", resolved: false, before: "1" },
        { name: "PYTHONNOUSERSITE", resolved: true, after: "1" },
      ],
    ]);
  });
});
