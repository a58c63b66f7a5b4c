import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { mergeFacts } from "../../src/contents/merge.ts";
import { obtainFacts } from "../../src/contents/obtain.ts";
import { listPackages } from "../../src/contents/packages.ts";
import { pythonEnvironments } from "../../src/contents/python-environments.ts";
import { contentPlace } from "../../src/files/entry.ts";
import type { Item } from "../files/support.ts";
import { deb, emptyCache, imageOf } from "./image.ts";

const status = (...packages: (readonly [name: string, version: string])[]): Item => ({
  path: "var/lib/dpkg/status",
  text: deb(...packages),
});
const list = (name: string, ...paths: string[]): Item => ({
  path: `var/lib/dpkg/info/${name}.list`,
  text: paths.map((path) => `/${path}\n`).join(""),
});
const python = (folder: string, name: string, version: string): Item => ({
  path: `${folder}/${name}-${version}.dist-info/METADATA`,
  text: `Name: ${name}\nVersion: ${version}\n`,
});

async function read(layers: readonly (readonly Item[])[], env: readonly string[] = []) {
  const { image, registry, repository } = imageOf(layers, { Env: env });
  const { layers: read } = await obtainFacts(registry, repository, image, emptyCache());
  const facts = await mergeFacts(read, 1e6);
  const { packages, states } = listPackages(facts);
  const state = (ecosystem: string) => states.find((each) => each.ecosystem === ecosystem);
  return { facts, packages, state, pythons: pythonEnvironments(facts, image.config, packages) };
}

describe("the packages of an image", () => {
  it("are those of the highest database, each of the layer from which on it is there", async () => {
    const { packages } = await read([
      [status(["a", "1"], ["b", "1"], ["c", "1"])],
      [status(["a", "1"], ["b", "2"], ["c", "1"])],
      [status(["a", "1"], ["b", "2"])],
      [status(["a", "1"], ["b", "2"], ["c", "1"])],
    ]);
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ["a", "1", 0],
      ["b", "2", 1],
      ["c", "1", 3],
    ]);
  });

  it("are known as one when the files of a deb have the record of the other", async () => {
    const site = "usr/lib/python3/dist-packages";
    const { packages } = await read([
      [
        status(["python3-x", "1-2"]),
        list("python3-x", `${site}/x-1.dist-info`, `${site}/x-1.dist-info/METADATA`),
        python(site, "x", "1"),
        { path: `${site}/x-1.dist-info/RECORD`, text: 'x/__init__.py,sha256=a,10\n"a,b",,5\nx/y.pyc,,\n' },
        { path: `${site}/x-1.dist-info/INSTALLER`, text: "debian\n" },
        { path: "usr/share/doc/python3-x", type: "symlink", linkname: "x-doc" },
        { path: "usr/share/doc/x-doc/copyright", text: "Format: 1\nLicense: MIT\n" },
        { path: "etc/os-release", text: 'NAME="D"\nID=debian\n' },
      ],
    ]);
    expect(packages).toEqual([
      {
        ecosystem: "deb",
        name: "python3-x",
        version: "1-2",
        architecture: "all",
        origin: "debian",
        licence: "MIT",
        path: "var/lib/dpkg/status",
        layer: 0,
      },
      {
        ecosystem: "python",
        name: "x",
        version: "1",
        origin: "debian",
        size: 15,
        partOf: "deb python3-x",
        path: `${site}/x-1.dist-info`,
        layer: 0,
      },
    ]);
  });

  it("go with the whiteout of their record or of a folder above it", async () => {
    const { packages } = await read([
      [python("opt/a", "x", "1"), python("opt/b", "y", "1"), python("opt/c", "z", "1")],
      [{ path: "opt/.wh.a" }, { path: "opt/b/.wh..wh..opq" }, python("opt/b", "n", "1")],
    ]);
    expect(packages.map(({ name, layer }) => [name, layer])).toEqual([
      ["n", 1],
      ["z", 0],
    ]);
  });

  it("are not those of the same file before a layer broke it", async () => {
    const { packages, state } = await read([[python("s", "x", "1")], [{ ...python("s", "x", "1"), text: "no" }]]);
    expect(packages).toEqual([]);
    expect(state("python")).toMatchObject({ state: "unreadable", problems: [{ layer: 1 }] });
  });
});

describe("what is known of packages", () => {
  it("tells no database, an empty one, an unreadable one, an unsupported one and a deleted one apart", async () => {
    const rpm = (text: string): Item => ({ path: "usr/lib/sysimage/rpm/rpmdb.sqlite", text });
    const states = await Promise.all([
      read([[{ path: "etc/passwd" }]]),
      read([[rpm("SQLite format 3\0 but no more of it")]]),
      read([[{ path: "var/lib/rpm/Packages", text: "\0bdb" }]]),
      read([[{ path: "var/lib/rpm/Packages.db", text: "ndb" }], [{ path: "var/lib/.wh.rpm" }]]),
      read([[{ path: "usr/lib/sysimage/rpm/rpmdb.sqlite-wal", text: "not empty" }]]),
    ]);
    expect(states.map(({ state }) => state("rpm")?.state)).toEqual([
      "none",
      "unreadable",
      "unsupported",
      "deleted",
      "unreadable",
    ]);
    expect(states[3]?.state("rpm")?.deleted).toEqual({ path: "var/lib/rpm/Packages.db", layer: 1 });
    const empty = await read([[status()]]);
    expect([empty.state("deb")?.state, empty.packages.length]).toEqual(["read", 0]);
  });

  it("says when a layer deleted a part of dpkg's database, and lists the packages all the same", async () => {
    const { packages, state } = await read([
      [status(["a", "1"], ["b", "1"]), list("a"), list("b:all")],
      [{ path: "var/lib/dpkg/info/.wh.b:all.list" }],
    ]);
    expect(packages).toHaveLength(2);
    expect(state("deb")?.problems[0]?.why).toContain("1 of its 2 packages are gone");
  });
});

describe("the facts of a layer", () => {
  it("are read once in the life of the layer, and say the same from the cache", async () => {
    const { image, registry, repository } = imageOf([
      [status(["a", "1"]), { path: "bin/run", text: "#!/bin/sh -e\n", mode: 0o755 }],
      [
        { path: "bin/link", type: "hardlink", linkname: "bin/run" },
        { path: "bin/\udcff", text: "x" },
      ],
    ]);
    const cache = emptyCache();
    const first = await obtainFacts(registry, repository, image, cache);
    registry.store.repository("images").blobs.clear();
    const second = await obtainFacts(registry, repository, image, cache);
    expect(second).toEqual(first);
    const { index, layers } = await mergeFacts(second.layers, 1e6);
    const link = index.get("bin/link");
    expect(link?.digest).toBe(createHash("sha256").update("#!/bin/sh -e\n").digest("base64url"));
    expect(index.get("bin/\udcff")?.size).toBe(1);
    const layer = layers[link ? contentPlace(link).layer : 1];
    expect(layer && "facts" in layer && layer.facts[link?.fact ?? -1]).toEqual({
      kind: "script",
      interpreter: "/bin/sh -e",
    });
  });

  it("are missing for a layer that is broken or another, and the rest is answered", async () => {
    const { image, registry, repository } = imageOf([[status(["a", "1"])], [{ path: "x" }], [python("s", "p", "1")]]);
    const broken = Buffer.from("no gzip");
    registry.store.repository("images").blobs.set(image.manifest.layers[1]?.digest as never, broken);
    const { layers } = await obtainFacts(registry, repository, image, emptyCache());
    expect(layers.map((layer) => "problem" in layer)).toEqual([false, true, false]);
    expect(listPackages(await mergeFacts(layers, 1e6)).packages.map(({ name }) => name)).toEqual(["a", "p"]);
  });

  it("are missing for a layer with a link to what an unread layer had", async () => {
    const { image, registry, repository } = imageOf([
      [{ path: "x" }],
      [{ path: "y", type: "hardlink", linkname: "x" }],
      [python("s", "p", "1")],
    ]);
    registry.store.repository("images").blobs.set(image.manifest.layers[0]?.digest as never, Buffer.from("no gzip"));
    const { layers } = await obtainFacts(registry, repository, image, emptyCache());
    const facts = await mergeFacts(layers, 1e6);
    expect(facts.layers.map((layer) => "problem" in layer)).toEqual([true, true, false]);
    expect(listPackages(facts).packages).toHaveLength(1);
  });
});

describe("a Python of an image", () => {
  const program = (path: string): Item => ({ path, text: "\x7fELF", mode: 0o755 });
  const venv = (home: string, system: boolean): string =>
    `home = ${home}\ninclude-system-site-packages = ${system}\nversion = 3.11.2\n`;

  it("lists of packages of one name the first on its path", async () => {
    const site = "opt/conda/lib/python3.11/site-packages";
    const { pythons } = await read(
      [
        [
          program("opt/conda/bin/python3.11"),
          python(site, "Some_Name", "1"),
          python(site, "wsgiref", "1"),
          python(site, "~broken", "1"),
          python("opt/first", "some.name", "9"),
          { path: "opt/first/" },
          { path: `${site}/` },
          { path: "root/.local/lib/python3.11/site-packages/" },
          python("root/.local/lib/python3.11/site-packages", "mine", "3"),
          { path: `${site}/more.pth`, text: "# comment\n/opt/more\nimport os\n/opt/none\n" },
          { path: "opt/more/" },
          python("opt/more", "more", "2"),
        ],
      ],
      ["PYTHONPATH=/opt/first:relative", "HOME=/root"],
    );
    expect(pythons).toMatchObject([
      {
        interpreter: "/opt/conda/bin/python3.11",
        path: ["/opt/first", "/root/.local/lib/python3.11/site-packages", `/${site}`, "/opt/more"],
        code: [`/${site}/more.pth`],
        packages: [
          { name: "mine", version: "3" },
          { name: "more", version: "2" },
          { name: "some.name", version: "9" },
        ],
      },
    ]);
  });

  it("is also a virtual environment, with the packages of the other only where it says so", async () => {
    const debian = "usr/lib/python3/dist-packages";
    const of = (name: string, system: boolean): Item[] => [
      { path: `opt/${name}/pyvenv.cfg`, text: venv("/usr/bin", system) },
      { path: `opt/${name}/bin/python3`, type: "symlink", linkname: "/usr/bin/python3" },
      { path: `opt/${name}/lib/python3.11/site-packages/` },
      python(`opt/${name}/lib/python3.11/site-packages`, name, "1"),
    ];
    const { pythons } = await read([
      [
        program("usr/bin/python3.11"),
        { path: "usr/bin/python3", type: "symlink", linkname: "python3.11" },
        { path: `${debian}/` },
        python(debian, "numpy", "1.24.2"),
        ...of("alone", false),
        ...of("both", true),
      ],
    ]);
    expect(pythons.map(({ interpreter, packages }) => [interpreter, packages.map(({ name }) => name)])).toEqual([
      ["/opt/alone/bin/python3", ["alone"]],
      ["/opt/both/bin/python3", ["both", "numpy"]],
      ["/usr/bin/python3.11", ["numpy"]],
    ]);
  });
});
