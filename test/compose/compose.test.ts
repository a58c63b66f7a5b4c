import { describe, expect, it } from "vitest";
import type { CompatLayer, ScienceLayer } from "../../src/catalogue/model.ts";
import { composeBuilds } from "../../src/compose/compose.ts";
import type { Contexts, ImageBuild, Pin } from "../../src/compose/model.ts";
import { renderDockerfile } from "../../src/compose/render.ts";
import {
  catalogue,
  compat,
  compatBuild,
  context,
  contexts,
  plan,
  repo,
  science,
  scienceBuild,
  stamp,
} from "./world.ts";

const nist = science("nist-basic", "FROM debian:bookworm\nRUN true\n", { bases: [{ name: "debian:bookworm" }] });

function compose(
  stack: readonly CompatLayer[],
  given: Contexts = {},
  layers: readonly ScienceLayer[] = [nist],
): ImageBuild {
  const world = catalogue(layers, stack);
  const [build] = composeBuilds(
    plan(
      compatBuild(
        "nist-basic",
        stack.map(({ name }) => name),
      ),
    ),
    world,
    contexts(world, given),
  );
  if (!build) throw new Error("nothing was composed");
  return build;
}

/** References are replaced by what they are for, in angle brackets. */
const shown = (build: ImageBuild): string =>
  renderDockerfile(
    build.dockerfile,
    build.dockerfile.references.map(({ base }): Pin => {
      const name = base.kind === "built" ? base.id : base.name;
      return { reference: `<${name}>`, name };
    }),
    "run",
  ).text;

describe("a composed Dockerfile", () => {
  it("is the science image, then the fragments from the lowest, then the image's name", () => {
    const build = compose([compat("common", "RUN one\n"), compat("jupyter", "RUN two")]);
    expect(shown(build)).toBe(
      [
        `# nist-basic:1.0-${stamp}: common, jupyter`,
        "FROM <sci/nist-basic:1.0>",
        "# compat/common",
        "RUN one",
        "# compat/jupyter",
        "RUN two",
        `ENV SCISERVER_IMAGE=nist-basic:1.0-${stamp}`,
        "",
      ].join("\n"),
    );
  });

  it("is built on the science image of the same run", () => {
    const world = catalogue([nist], [compat("jupyter", "RUN two\n")]);
    const builds = composeBuilds(
      plan(scienceBuild("nist-basic"), compatBuild("nist-basic", ["jupyter"], { dependsOn: ["science/nist-basic"] })),
      world,
      contexts(world),
    );
    expect(builds.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ["science/nist-basic", []],
      ["compat/nist-basic:1.0", ["science/nist-basic"]],
    ]);
    expect(builds[1]?.dockerfile.references).toMatchObject([
      { base: { kind: "built", id: "science/nist-basic" }, final: true },
    ]);
  });

  it("has a line of its own for what follows a fragment that ends with a backslash", () => {
    const text = shown(compose([compat("common", "RUN one \\\n\n# the end\n"), compat("jupyter", "RUN two \\")]));
    expect(text).toContain("RUN one \n\n# the end\n# compat/jupyter\nRUN two \nENV SCISERVER_IMAGE=");
  });

  it("does not begin with a directive of a fragment", () => {
    const text = shown(compose([compat("jupyter", "# syntax=example.org/other\nRUN two\n")]));
    expect(text.split("\n")[0]).toBe(`# nist-basic:1.0-${stamp}: jupyter`);
  });
});

describe("stages of compat layers", () => {
  const ui = compat(
    "jupyter",
    "ARG V=3\nFROM debian:bookworm AS ui\nARG V\nRUN make $V\nFROM ui AS more\nFROM science\nCOPY --from=UI /a /a\nCOPY --from=1 /b /b\nRUN --mount=type=bind,from=more,target=/m cp /m/x /x\n",
    {
      bases: [{ name: "debian:bookworm" }],
    },
  );

  it("come first, are named apart, and are found under their new names", () => {
    const other = compat("files", "FROM debian:bookworm AS ui\nFROM science\nCOPY --from=ui /f /f\n", {
      bases: [{ name: "debian:bookworm" }],
    });
    expect(shown(compose([other, ui]))).toBe(
      `# nist-basic:1.0-${stamp}: files, jupyter
# compat/files
FROM <debian:bookworm> AS files-ui
# compat/jupyter

FROM <debian:bookworm> AS jupyter-ui
ARG V=3
RUN make $V
FROM jupyter-ui AS jupyter-more
FROM <sci/nist-basic:1.0>
# compat/files
COPY --from=files-ui /f /f
# compat/jupyter
COPY --from=jupyter-ui /a /a
COPY --from=jupyter-more /b /b
RUN --mount=type=bind,from=jupyter-more,target=/m cp /m/x /x
ENV SCISERVER_IMAGE=nist-basic:1.0-${stamp}
`,
    );
  });

  it("without a name get one, and numbers in COPY follow", () => {
    const layer = compat("x", "FROM debian:bookworm\nRUN make\nFROM science\nCOPY --from=0 /a /a\n", {
      bases: [{ name: "debian:bookworm" }],
    });
    const text = shown(compose([layer]));
    expect(text).toContain("FROM <debian:bookworm> AS x-0\n");
    expect(text).toContain("COPY --from=x-0 /a /a\n");
  });

  it("are not counted by mounts, where a number is an image", () => {
    const mount = "RUN --mount=type=bind,from=0,target=/m ls /m\n";
    const text = `FROM debian:1 AS tool\nFROM science\nRUN --mount=from=tool,target=/t ls\n${mount}`;
    const layer = compat("jupyter", text, { bases: [{ name: "debian:1" }, { name: "0", via: "mount", stage: 1 }] });
    expect(shown(compose([layer]))).toContain(
      `RUN --mount=from=jupyter-tool,target=/t ls\n${mount.replace("0", "<0>")}`,
    );
  });

  it("do not take the name of another layer's stage or of an image", () => {
    const one = compat("a", "FROM debian:1 AS b-c\nFROM science\nCOPY --from=b-c /1 /1\n", {
      bases: [{ name: "debian:1" }],
    });
    const two = compat("a-b", "FROM debian:2 AS c\nFROM science\nCOPY --from=c /2 /2\n", {
      bases: [{ name: "debian:2" }],
    });
    const text = shown(compose([one, two]));
    expect(text).toContain("COPY --from=a-b-c /1 /1");
    expect(text).toContain("COPY --from=a-b-c-2 /2 /2");
    const image = compat("img", "FROM debian:1 AS x\nFROM science\nCOPY --from=img-x /1 /1\nCOPY --from=x /2 /2\n", {
      bases: [{ name: "debian:1" }, { name: "img-x", via: "copy", stage: 1 }],
    });
    expect(shown(compose([image]))).toContain("COPY --from=<img-x> /1 /1\nCOPY --from=img-x-2 /2 /2");
  });

  it("named like an image are that image before they begin", () => {
    const layer = compat("x", "FROM debian:1 AS one\nCOPY --from=two /a /a\nFROM debian:1 AS two\nFROM science\n", {
      bases: [{ name: "two", via: "copy" }],
    });
    expect(shown(compose([layer]))).toContain("COPY --from=<two> /a /a");
  });
});

describe("arguments of compat layers", () => {
  it("reach their own layer and no other", () => {
    const one = compat("one", "ARG V=0\nRUN one $V\n", { args: { V: "1" } });
    const two = compat("two", "ARG V=0\nRUN two $V\n", { args: { V: "it's $2" } });
    const text = shown(compose([one, two]));
    expect(text).toContain("ARG V=1\nRUN one $V\n");
    expect(text).toContain(`ARG V='it'"'"'s $2'\nRUN two $V\n`);
  });

  it("beat the default before the first stage, which itself goes away", () => {
    const layer = compat("x", 'ARG A=1\nARG B="${A}-b"\nFROM debian:1 AS s\nARG A\nARG B\nARG C\nFROM science\n', {
      args: { A: "2" },
    });
    expect(shown(compose([layer]))).toContain("FROM debian:1 AS x-s\nARG A=2\nARG B=2-b\nARG C\n");
    expect(shown(compose([layer]))).not.toContain("ARG A=1");
  });

  it("of proxies need no ARG", () => {
    const layer = compat("x", "FROM debian:1 AS s\nRUN a\nFROM science\nRUN b\n", {
      args: { http_proxy: "http://p:1" },
    });
    const text = shown(compose([layer]));
    expect(text).toContain("FROM debian:1 AS x-s\nARG http_proxy=http://p:1\nRUN a\n");
    expect(text).toContain("# compat/x\nARG http_proxy=http://p:1\nRUN b\n");
  });
});

describe("what compat layers declare", () => {
  const user = { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/h", shell: "/bin/sh" };
  const declared = (...stack: readonly CompatLayer[]) => {
    const { dockerfile } = compose(stack);
    return dockerfile.declared.map((section) => {
      const { at, origin: _, ...declaration } = section;
      return { ...declaration, before: dockerfile.text.slice(at).split("\n")[0] };
    });
  };

  it("stands before the layer's own instructions, and folders are the user's of a lower layer", () => {
    const common = compat("common", "RUN common\n", { user });
    const jupyter = compat("jupyter", "RUN jupyter\n", { directories: [{ path: "/w" }] });
    expect(declared(common, compat("between", "RUN between\n"), jupyter)).toEqual([
      { layer: "common", user, owner: user, directories: [], before: "RUN common" },
      { layer: "jupyter", owner: user, directories: [{ path: "/w" }], before: "RUN jupyter" },
    ]);
  });

  it("knows as whom it would run: the last user that a lower layer left", () => {
    const low = compat("low", "USER one\nUSER two\n");
    const top = compat("top", "USER idies\n", { directories: [{ path: "/w" }] });
    expect(declared(low, compat("between", ""), top)[0]?.runsAs).toBe("two");
    expect(declared(top)[0]).not.toHaveProperty("runsAs");
  });
});

describe("the context", () => {
  it("of a compat build has the topmost of two files, and each layer's own .dockerignore counts for that layer", () => {
    const build = compose([compat("low", "", { ignore: "notes\n" }), compat("high", "")], {
      "compat/low": context("compat/low", { "start.sh": "low", notes: "low", "etc/x": "low" }),
      "compat/high": context("compat/high", { "start.sh": "high", notes: "high", etc: "a file" }),
    });
    expect(build.context.map(({ source }) => source)).toEqual([
      "compat/high/etc",
      "compat/high/notes",
      "compat/high/start.sh",
    ]);
  });

  it("of a compat build has no file where a higher layer needs a folder", () => {
    const build = compose([compat("low", ""), compat("high", "")], {
      "compat/low": context("compat/low", { etc: "low", "lib/a": "low" }),
      "compat/high": context("compat/high", { "etc/x/y": "high", "lib/b": "high" }),
    });
    expect(build.context.map(({ source }) => source)).toEqual([
      "compat/high/etc/x/y",
      "compat/low/lib/a",
      "compat/high/lib/b",
    ]);
  });

  it("of a science build is its directory without the recipe", () => {
    const world = catalogue([science("nist-basic", "FROM scratch\n", { ignore: "b.txt" })], []);
    const given = {
      "science/nist-basic": context("science/nist-basic", { "a.txt": "a", "b.txt": "b", ".dockerignore": "b.txt" }),
    };
    const [build] = composeBuilds(plan(scienceBuild("nist-basic")), world, given);
    expect(build?.context.map(({ path }) => path)).toEqual(["a.txt"]);
  });
});

describe("a science build", () => {
  it("keeps the author's text and marks what is to be pinned", () => {
    const text =
      "ARG R=x\nFROM sci/base:1.0 AS main\nFROM debian:1 AS tool\nFROM main\nCOPY --from=quay.io/x/y:2 /a /a\n";
    const layer = science("child", text, {
      args: { R: "z" },
      bases: [
        { name: "sci/base:1.0" },
        { name: "debian:1", stage: 1 },
        { name: "quay.io/x/y:2", via: "copy", stage: 2 },
      ],
    });
    const world = catalogue([layer, science("base", "FROM scratch\n")], []);
    const [, build] = composeBuilds(plan(scienceBuild("base"), scienceBuild("child")), world, contexts(world));
    if (!build) throw new Error("nothing was composed");
    expect(build.dockerfile.references.map(({ base, final }) => [base, final])).toMatchObject([
      [{ kind: "built", id: "science/base" }, true],
      [{ kind: "named", name: "debian:1", source: { kind: "external" } }, false],
      [{ kind: "named", name: "quay.io/x/y:2", source: { kind: "external" } }, false],
    ]);
    expect(build.args).toEqual({ R: "z" });
    expect(shown(build)).toBe(
      text
        .replace("sci/base:1.0", "<science/base>")
        .replace("debian:1", "<debian:1>")
        .replace("quay.io/x/y:2", "<quay.io/x/y:2>"),
    );
  });

  it("starts from nothing without a reference", () => {
    const world = catalogue([science("base", "FROM scratch\n", { bases: [{ name: "scratch" }] })], []);
    const [build] = composeBuilds(plan(scienceBuild("base")), world, contexts(world));
    expect(build?.dockerfile.references).toEqual([]);
  });
});

describe("what is composed", () => {
  it("survives JSON and is the same each time", () => {
    const build = compose([compat("jupyter", "RUN two\n")]);
    expect(JSON.parse(JSON.stringify(build))).toEqual(build);
    expect(compose([compat("jupyter", "RUN two\n")])).toEqual(build);
  });

  it("has both tags", () => {
    expect(compose([]).tags).toEqual([`${repo}/rel/nist-basic:1.0-${stamp}`, `${repo}/rel/nist-basic:1.0`]);
  });

  it("is refused for a plan that names layers of another catalogue", () => {
    expect(() => composeBuilds(plan(scienceBuild("gone")), catalogue([], []), {})).toThrow('science layer "gone"');
  });
});
