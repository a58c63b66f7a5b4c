import { describe, expect, it } from "vitest";
import type { Item } from "../files/support.ts";
import { found, foundAt, link, onTop, program } from "./support.ts";

const site = "usr/lib/python3/dist-packages";
const local = "usr/local/lib/python3.11/dist-packages";
const init = (path: string, version: string): Item => ({
  path: `${path}/__init__.py`,
  text: `__version__ = "${version}"\n`,
});

/** Debian's, with a virtual environment that sees its packages. */
const debian = {
  items: [
    program("usr/bin/python3.11"),
    link("usr/bin/python3", "python3.11"),
    { path: "usr/lib/python3.11/os.py", text: "os" },
    { path: "usr/lib/python3.11/json/__init__.py", text: "json" },
    init(`${site}/numpy`, "1.24.2"),
    { path: `${site}/numpy/core.py`, text: "core" },
    { path: `${site}/one.py`, text: "one" },
    { path: `${site}/shared/part.py`, text: "part" },
    { path: "opt/sci/pyvenv.cfg", text: "home = /usr/bin\ninclude-system-site-packages = true\n" },
    link("opt/sci/bin/python3", "/usr/bin/python3"),
    { path: "opt/sci/lib/python3.11/site-packages/stars.py", text: "x=1" },
    { path: "opt/jup/numpy/__init__.py", text: '__version__="9.9.9"' },
  ],
};

const at = (layer: Parameters<typeof onTop>[1], door?: string): Promise<string[]> => foundAt(debian, layer, door);

const env = (...Env: string[]) => ({ config: { Env } });

describe("a Python module", () => {
  it("is the first on PYTHONPATH, at every Python", async () => {
    const answer = await onTop(debian, env("PYTHONPATH=/opt/jup"));
    expect(found(answer)).toEqual(
      ["sh -c", "a login shell", "/opt/sci/bin/python3", "/usr/bin/python3"].map(
        (door) => `${door}: changed module numpy`,
      ),
    );
    expect(answer.doors[0]?.differences[0]).toMatchObject({
      before: { path: `/${site}/numpy`, version: "1.24.2", layer: 0 },
      after: { path: "/opt/jup/numpy", version: "9.9.9", layer: 0 },
    });
  });

  it("is changed when a file of its package is, and not when Python compiled it anew or something was added to it", async () => {
    expect(await at({ items: [{ path: `${site}/numpy/core.py`, text: "x" }] })).toEqual(["changed module numpy"]);
    const harmless = [
      { path: `${site}/numpy/__pycache__/core.cpython-311.pyc`, text: "x" },
      { path: `${site}/numpy/more.py`, text: "x" },
      { path: `${site}/numpy/core.py`, text: "core", mtime: 7 },
    ];
    expect(await at({ items: harmless })).toEqual([]);
  });

  it("is changed when something in its package stands before another file of the name", async () => {
    expect(await at({ items: [init(`${site}/numpy/core`, "1")] })).toEqual(["changed module numpy"]);
    expect(await at({ items: [{ path: `${site}/numpy/core.cpython-311-x86_64-linux-gnu.so`, text: "x" }] })).toEqual([
      "changed module numpy",
    ]);
  });

  it("is a package before a compiled module, and that before a source, if it is for this version", async () => {
    expect(await at({ items: [init(`${site}/one`, "1")] })).toEqual(["changed module one"]);
    expect(await at({ items: [{ path: `${site}/one.abi3.so`, text: "x" }] })).toEqual(["changed module one"]);
    expect(await at({ items: [{ path: `${site}/one.cpython-310-x86_64-linux-gnu.so`, text: "x" }] })).toEqual([]);
  });

  it("is moved when the same bytes are found elsewhere", async () => {
    const same = [init(`${local}/numpy`, "1.24.2"), { path: `${local}/numpy/core.py`, text: "core" }];
    expect(await at({ items: same })).toEqual(["moved module numpy"]);
  });

  it("is gone when nothing of it is left", async () => {
    expect(await at({ items: [{ path: `${site}/.wh.numpy` }] })).toEqual(["removed module numpy"]);
  });

  it("stands in a folder of several names only where no package has the name", async () => {
    expect(await at({ items: [{ path: `${local}/numpy/data.py`, text: "x" }] })).toEqual([]);
    expect(await at({ items: [init(`${local}/shared`, "1")] })).toEqual(["changed module shared"]);
  });

  it("is found in the working folder first, and what stands in the root as a folder is none", async () => {
    const work = { items: [{ path: "work/json.py", text: "x" }], config: { WorkingDir: "/work" } };
    expect(await at(work)).toEqual(["changed module json"]);
    expect(await at({ ...work, config: { WorkingDir: "/work", Env: ["PYTHONSAFEPATH=1"] } })).toEqual([]);
    expect(await at({ config: { WorkingDir: "/home" } })).toEqual([]);
  });

  it("is not looked for where it is a part of the interpreter", async () => {
    expect(await at({ items: [{ path: "work/os.py", text: "x" }], config: { WorkingDir: "/work" } })).toEqual([]);
  });

  it("is found in the folder of the user who runs, unless that is turned off", async () => {
    const user = [
      { path: "etc/passwd", text: "root:x:0:0::/root:/bin/sh\nidies:x:1000:1000::/home/idies:/bin/sh\n" },
      init("home/idies/.local/lib/python3.11/site-packages/numpy", "9.9.9"),
    ];
    expect(await at({ items: user, config: { User: "1000" } })).toEqual(["changed module numpy"]);
    expect(await at({ items: user })).toEqual([]);
    expect(await at({ items: user, config: { User: "1000", Env: ["PYTHONNOUSERSITE=1"] } })).toEqual([]);
  });

  it("is found by lines of .pth files, in their order", async () => {
    const pth = { path: `${local}/jup.pth`, text: "# x\n/opt/jup\n" };
    expect(await at({ items: [pth] })).toEqual(["changed module numpy"]);
    expect(await at({ items: [{ ...pth, path: `${site}/jup.pth` }] })).toEqual([]);
  });

  it("comes from where PYTHONHOME says", async () => {
    expect(await at(env("PYTHONHOME=/opt/none"))).toContain("removed module json");
  });
});

describe("the place of a Python", () => {
  it("is told by a pyvenv.cfg beside the path that it is called by, not beside the file that a link leads to", async () => {
    const own = [
      { path: "opt/ui/pyvenv.cfg", text: "home = /usr/bin\ninclude-system-site-packages = false\n" },
      link("opt/ui/bin/python3", "/usr/bin/python3.11"),
      init("opt/ui/lib/python3.11/site-packages/numpy", "9.9.9"),
    ];
    expect(await at({ items: [...own, link("usr/local/bin/python3", "/opt/ui/bin/python3")] })).toEqual([]);
    expect(await at({ items: own, ...env("PATH=/opt/ui/bin:/usr/bin") })).toEqual([
      "changed module numpy",
      "removed module one",
      "removed module shared",
    ]);
  });

  it("is a door also where no PATH leads", async () => {
    expect(
      await at(
        { items: [{ path: "opt/sci/lib/python3.11/site-packages/stars.py", text: "x=2" }] },
        "/opt/sci/bin/python3",
      ),
    ).toEqual(["changed module stars"]);
    const cfg = [{ path: "opt/sci/.wh.pyvenv.cfg" }];
    expect(await at({ items: cfg }, "/opt/sci/bin/python3")).toEqual(["removed module stars"]);
    expect(await at({ items: [{ path: "opt/sci/.wh.bin" }] }, "/opt/sci/bin/python3")).toEqual([
      "removed door /opt/sci/bin/python3",
    ]);
  });
});

describe("code that runs when Python starts", () => {
  it("makes undecided what comes of it, where it is new or another", async () => {
    expect(
      await at({ items: [{ path: `${local}/x.pth`, text: "import sys; sys.path.insert(0, '/opt/jup')" }] }),
    ).toEqual([`undecided code /${local}/x.pth`]);
    expect(await at({ items: [{ path: `${local}/usercustomize.py` }] })).toContain(
      `undecided code /${local}/usercustomize.py`,
    );
  });

  it("is the first sitecustomize alone, and no usercustomize where the user has no folder", async () => {
    const first = { path: "usr/lib/python3.11/sitecustomize.py", text: "x" };
    const science = { items: [...debian.items, first] };
    const second = [{ path: `${local}/sitecustomize.py`, text: "y" }];
    expect(found(await onTop(science, { items: second }))).toEqual([]);
    expect(found(await onTop(science, { items: [{ ...first, text: "z" }] }))).toContain(
      "sh -c: undecided code /usr/lib/python3.11/sitecustomize.py",
    );
    const off = { items: [{ path: `${local}/usercustomize.py` }], ...env("PYTHONNOUSERSITE=1") };
    expect(await at(off)).toEqual(["added module usercustomize"]);
  });

  it("includes archives on the path, which are not looked into", async () => {
    expect(await at({ items: [{ path: "usr/lib/python311.zip", text: "PK" }] })).toEqual([
      "undecided code /usr/lib/python311.zip",
    ]);
  });
});
