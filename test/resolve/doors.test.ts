import { describe, expect, it } from "vitest";
import { listDoors } from "../../src/resolve/list-doors.ts";
import type { Item } from "../files/support.ts";
import { found, foundAt, link, onTop, program, resolvable } from "./support.ts";

const library = (path: string, text = path): Item => ({ path, text, mode: 0o644 });
const lib = "usr/lib/x86_64-linux-gnu";

/** As `ldconfig` of glibc 2.36 writes it: a header, entries of 24 bytes, the texts. */
function libraryCache(...entries: readonly (readonly [soname: string, path: string])[]): Item {
  const texts: number[][] = [];
  let strings = "";
  const start = 48 + 24 * entries.length;
  for (const each of entries)
    texts.push(
      each.map((text) => {
        const at = start + strings.length;
        strings += `${text}\0`;
        return at;
      }),
    );
  const bytes = Buffer.alloc(start);
  bytes.write("glibc-ld.so.cache1.1", 0, "latin1");
  bytes.writeUInt32LE(entries.length, 20);
  bytes.writeUInt32LE(strings.length, 24);
  for (const [at, [key = 0, value = 0]] of texts.entries()) {
    bytes.writeInt32LE(0x0303, 48 + at * 24);
    bytes.writeUInt32LE(key, 52 + at * 24);
    bytes.writeUInt32LE(value, 56 + at * 24);
  }
  return { path: "etc/ld.so.cache", text: bytes.toString("latin1") + strings };
}

describe("a shared library", () => {
  const science = {
    items: [
      link("lib", "usr/lib"),
      library(`${lib}/libgsl.so.27`),
      library(`${lib}/libm.so.6`),
      libraryCache(["libgsl.so.27", `/lib/x86_64-linux-gnu/libgsl.so.27`]),
    ],
  };

  it("is where ldconfig found it, else in a standard folder", async () => {
    const own = library("opt/gsl/libgsl.so.27", "x");
    expect(await foundAt(science, { items: [own] })).toEqual([]);
    const cache = libraryCache(["libgsl.so.27", "/opt/gsl/libgsl.so.27"]);
    expect(await foundAt(science, { items: [own, cache] })).toEqual(["changed library libgsl.so.27"]);
    expect(await foundAt(science, { items: [{ path: `${lib}/.wh.libm.so.6` }] })).toEqual([
      "removed library libm.so.6",
    ]);
  });

  it("is first where LD_LIBRARY_PATH says", async () => {
    const layer = { items: [library("opt/gsl/libm.so.6", "x")], config: { Env: ["LD_LIBRARY_PATH=/opt/gsl"] } };
    expect(await foundAt(science, layer)).toEqual(["changed library libm.so.6"]);
  });

  it("is told when every process loads it", async () => {
    const path = `/${lib}/libm.so.6`;
    expect(await foundAt(science, { items: [{ path: "etc/ld.so.preload", text: `# x\n${path}\n` }] })).toEqual([
      `changed preload ${path}`,
    ]);
    expect(await foundAt(science, { config: { Env: ["LD_PRELOAD=libgsl.so.27 libnone.so"] } })).toEqual([
      "changed preload libgsl.so.27",
    ]);
  });
});

describe("a package of R", () => {
  const r = (path: string, text = ""): Item => ({ path: `${path}/DESCRIPTION`, text });
  const science = {
    items: [
      { path: "usr/lib/R/library/base/Meta/package.rds", text: "" },
      r("usr/lib/R/library/base"),
      r("usr/lib/R/site-library/rlang"),
      r("usr/local/lib/R/site-library/old"),
      r("opt/rlib/rlang", "x"),
      link("usr/lib/R/etc/Renviron", "/etc/R/Renviron"),
      {
        path: "etc/R/Renviron",
        text: "# R\nR_LIBS_USER=${R_LIBS_USER:-'%U'}\nR_LIBS_SITE=${R_LIBS_SITE:-'/usr/local/lib/R/site-library:%S'}\n",
      },
      link("usr/lib/R/etc/Rprofile.site", "/etc/R/Rprofile.site"),
      { path: "etc/R/Rprofile.site", text: "" },
    ],
  };
  const at = (layer: Parameters<typeof onTop>[1]): Promise<string[]> => foundAt(science, layer, "R");

  it("is in the first library of R_LIBS, the user's, the site's and R's own", async () => {
    const other = ["changed r package rlang"];
    expect(await at({ config: { Env: ["R_LIBS=/opt/none:/opt/rlib"] } })).toEqual(other);
    expect(await at({ config: { Env: ["R_LIBS_USER=/opt/rlib"] } })).toEqual(other);
    expect(await at({ config: { Env: ["R_LIBS_SITE=/opt/rlib"] } })).toEqual(["removed r package old", ...other]);
    expect(await at({ items: [r("usr/local/lib/R/site-library/rlang", "x")] })).toEqual(other);
    expect(await at({ items: [r("usr/lib/R/library/rlang", "x")] })).toEqual([]);
  });

  it("is where Renviron.site and the user's .Renviron say", async () => {
    expect(
      await at({
        items: [{ path: "root/.Renviron", text: "R_LIBS='/opt/rlib'\n" }],
      }),
    ).toEqual(["changed r package rlang"]);
    expect(
      await at({
        items: [{ path: "usr/lib/R/etc/Renviron.site", text: "R_LIBS=${HOME}/rlib\n" }, r("root/rlib/rlang", "x")],
      }),
    ).toEqual(["changed r package rlang"]);
    const variable = { items: [{ path: "opt/env", text: "" }], config: { Env: ["R_ENVIRON_USER=/opt/env"] } };
    expect(await at(variable)).toEqual([]);
  });

  it("is undecided where a profile is new or another", async () => {
    expect(await at({ items: [{ path: "etc/R/Rprofile.site", text: "x" }] })).toEqual([
      "undecided code /etc/R/Rprofile.site",
    ]);
    expect(await at({ items: [{ path: "root/.Rprofile", text: "x" }] })).toEqual(["undecided code /root/.Rprofile"]);
    const working = { items: [{ path: "work/.Rprofile", text: "x" }], config: { WorkingDir: "/work" } };
    expect(await at(working)).toEqual(["undecided code /work/.Rprofile"]);
  });
});

describe("a kernel of Jupyter", () => {
  const kernel = (folder: string, argv: readonly string[], more: object = {}): Item => ({
    path: `${folder}/kernels/sci/kernel.json`,
    text: JSON.stringify({ argv, display_name: "Stars", ...more }),
  });
  const site = "usr/lib/python3.11/site-packages";
  const rest = ["-m", "ipykernel_launcher"];
  const science = {
    items: [
      program("usr/bin/python3.11"),
      link("usr/bin/python3", "python3.11"),
      { path: "usr/lib/python3.11/os.py" },
      { path: `${site}/numpy.py`, text: "1" },
      { path: "opt/jup/numpy.py", text: "9" },
      kernel("usr/local/share/jupyter", ["python3", ...rest]),
    ],
  };
  const at = (layer: Parameters<typeof onTop>[1]): Promise<string[]> => foundAt(science, layer, 'kernel "Stars"');

  it("has an environment of its own", async () => {
    const own = kernel("usr/local/share/jupyter", ["python3", ...rest], {
      env: { PYTHONPATH: "/opt/jup:${PYTHONPATH}" },
    });
    const answer = await onTop(science, { items: [own] });
    expect(found(answer)).toEqual(['kernel "Stars": changed module numpy']);
    expect(answer.files).toEqual([
      { outcome: "changed", path: "/usr/local/share/jupyter/kernels/sci/kernel.json", count: 1, layer: 1 },
    ]);
  });

  it("is the first of its name where Jupyter looks", async () => {
    const isolated = [
      { path: "opt/ui/pyvenv.cfg", text: "home = /usr/bin\ninclude-system-site-packages = false\n" },
      link("opt/ui/bin/python3", "/usr/bin/python3.11"),
    ];
    const own = kernel("root/.local/share/jupyter", ["/opt/ui/bin/python3", ...rest]);
    expect(await at({ items: [...isolated, own] })).toEqual(["removed module numpy"]);
    const last = kernel("usr/share/jupyter", ["/opt/ui/bin/python3", ...rest]);
    expect(await at({ items: [...isolated, last] })).toEqual([]);
  });

  it("is another with other words behind its command, and the same with the same command in other words", async () => {
    const folder = "usr/local/share/jupyter";
    expect(await at({ items: [kernel(folder, ["python3", "-E", ...rest])] })).toEqual(['changed door kernel "Stars"']);
    expect(await at({ items: [kernel(folder, ["/usr/bin/python3", ...rest])] })).toEqual([]);
  });

  it("is gone with its file, and undone without its command", async () => {
    expect(await at({ items: [{ path: "usr/local/share/jupyter/kernels/.wh.sci" }] })).toEqual([
      'removed door kernel "Stars"',
    ]);
    const broken = kernel("usr/local/share/jupyter", ["/opt/none/python3"]);
    expect(await at({ items: [broken] })).toEqual(['removed door kernel "Stars"']);
  });
});

describe("BASH_ENV", () => {
  it("is read by scripts of bash and by a login shell, and not by sh", async () => {
    const science = { items: [program("usr/bin/tool"), program("opt/x/tool", "x")] };
    const layer = {
      items: [{ path: "etc/profile.d/env.sh", text: "PATH=/opt/x:$PATH\n" }],
      config: { Env: ["BASH_ENV=/etc/profile.d/env.sh"] },
    };
    expect(found(await onTop(science, layer))).toEqual([
      "a login shell: changed command tool",
      "bash -c: changed command tool",
    ]);
  });
});

describe("the doors of one image", () => {
  it("are listed with what every name leads to", async () => {
    const image = await resolvable(
      [
        [
          program("usr/bin/python3.11"),
          link("usr/bin/python3", "python3.11"),
          { path: "usr/lib/python3.11/site-packages/numpy/__init__.py", text: '__version__ = "1.24.2"\n' },
          { path: "usr/lib/python3.11/site-packages/x.pth", text: "import x\n" },
        ],
      ],
      {},
    );
    const doors = listDoors(image);
    expect(doors.map(({ door }) => door)).toEqual(["sh -c", "a login shell", "/usr/bin/python3"]);
    expect(doors[0]?.names).toEqual([
      { kind: "command", name: "python3", path: "/usr/bin/python3", file: "/usr/bin/python3.11" },
      { kind: "command", name: "python3.11", path: "/usr/bin/python3.11" },
      { kind: "module", name: "numpy", path: "/usr/lib/python3.11/site-packages/numpy", version: "1.24.2" },
    ]);
    expect(doors[2]?.code).toEqual(["/usr/lib/python3.11/site-packages/x.pth"]);
  });
});
