import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { check } from "../../src/run/check.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, type Files, folderOf } from "../support/repository.ts";

/** A layer `science/a` that names these folders, whose Dockerfile has these lines. */
function world(contexts: unknown, dockerfile: string, more: Files = {}): string {
  const definition = { image: "a", version: "1", compat: "jupyter", contexts };
  return folderOf({
    ...compatFiles("jupyter"),
    "science/a/sciserver-image.json": JSON.stringify(definition, null, 2),
    "science/a/Dockerfile": dockerfile,
    "shared/scripts/run.sh": "echo\n",
    "shared/scripts/lib/x": "1",
    ...more,
  });
}

const scripts = { scripts: "shared/scripts" };
const reading = "FROM debian\nCOPY --from=scripts run.sh /x\n";

/** `code file:line:column` and the sentence of all that loading says. */
const problemsOf = (root: string): string[] =>
  loadCatalogue(root).diagnostics.map(
    ({ code, at, message }) => `${code} ${at?.file}:${at?.line}:${at?.column} ${message}`,
  );

describe("the folders that a layer shares", () => {
  it("are known with every place that reads them, and are no images", () => {
    const dockerfile =
      "FROM debian AS one\nCOPY --chown=1:1 --from=Scripts . /x\nFROM one\nRUN --mount=from=scripts,target=/s true\n";
    const { science, diagnostics } = loadCatalogue(
      world({ scripts: "./shared/scripts/" }, dockerfile, { "shared/scripts/.dockerignore": "lib\n" }),
    );
    expect(diagnostics).toEqual([]);
    const [shared] = science[0]?.contexts ?? [];
    expect(shared).toMatchObject({
      name: "scripts",
      directory: "shared/scripts",
      ignore: { path: "shared/scripts/.dockerignore", text: "lib\n" },
    });
    expect(shared?.uses.map(({ start, end }) => dockerfile.slice(start, end))).toEqual(["Scripts", "scripts"]);
    expect(science[0]?.bases.map(({ name }) => name)).toEqual(["debian"]);
  });

  it("may be those of a variant, beside those of all", () => {
    const definition = {
      image: "a",
      compat: "jupyter",
      contexts: scripts,
      variants: [{ version: "1" }, { version: "2", contexts: { scripts: "shared/other", more: "shared/scripts" } }],
    };
    const { science, diagnostics } = loadCatalogue(
      world(scripts, `${reading}COPY --from=more run.sh /y\n`, {
        "science/a/sciserver-image.json": JSON.stringify(definition),
        "shared/other/run.sh": "1",
      }),
    );
    expect(science.map(({ contexts }) => contexts?.map(({ name, directory }) => `${name} ${directory}`))).toEqual([
      ["scripts shared/scripts"],
      ["more shared/scripts", "scripts shared/other"],
    ]);
    // The first variant reads what it does not name.
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning undeclared-context"]);
  });

  it.each([
    ["/shared/scripts", "expected a path from the root of the catalogue, without a slash before it"],
    ["../scripts", "expected a folder of this repository: a clone does not have what lies outside"],
    ["shared/../../x", "expected a folder of this repository: a clone does not have what lies outside"],
    [".git/hooks", "expected a folder of what git has, and not git's own"],
    ["shared/.git", "expected a folder of what git has, and not git's own"],
    [".", "expected a folder below the root, and not the whole repository"],
    ["./", "expected a folder below the root, and not the whole repository"],
    ["", 'expected a folder as seen from the root of the catalogue: "shared/scripts"'],
    ["shared\\scripts", 'expected a folder as seen from the root of the catalogue: "shared/scripts"'],
    ["shared//scripts", 'expected a folder as seen from the root of the catalogue: "shared/scripts"'],
  ])("are below the root, and not %j", (path, says) => {
    const expected = `wrong-value science/a/sciserver-image.json:6:16 "contexts.scripts" is ${JSON.stringify(path)}; ${says}`;
    expect(problemsOf(world({ scripts: path }, reading))).toEqual([expected]);
  });

  it.each(["Scripts", "scratch", "science", "1st", "a b"])("are not called %j", (name) => {
    expect(problemsOf(world({ [name]: "shared/scripts" }, "FROM debian\n"))).toEqual([
      expect.stringMatching(/^wrong-key science\/a\/sciserver-image\.json:6:5 .* expected a name as stages have/),
    ]);
  });

  it.each([
    [scripts, `${reading}`, []],
    [{ scripts: ".github/scripts" }, reading, [".github/scripts, which is not there"]],
    [{ scripts: "shared/scripts/run.sh" }, reading, ["shared/scripts/run.sh, which is no folder"]],
    [{ scripts: "shared/scripts/run.sh/x" }, reading, ["and shared/scripts/run.sh is no folder"]],
    [{ scripts: "shared/link" }, reading, ["which is a symbolic link: changes behind it would go unseen"]],
    [{ scripts: "link/scripts" }, reading, ["and link is a symbolic link: changes behind it would go unseen"]],
    [{ scripts: "vendor/tool/bin" }, reading, ["which is in the submodule vendor/tool"]],
  ])("are folders of this repository: %j", (contexts, dockerfile, says) => {
    const root = world(contexts, dockerfile, { "vendor/tool/.git": "gitdir: x\n", "vendor/tool/bin/x": "1" });
    symlinkSync("scripts", join(root, "shared/link"));
    symlinkSync("shared", join(root, "link"));
    const found = problemsOf(root);
    expect(found).toHaveLength(says.length);
    for (const [at, text] of says.entries()) {
      expect(found[at]).toContain("missing-context science/a/sciserver-image.json:6:16 ");
      expect(found[at]).toContain(text);
    }
  });

  it.each([
    ["context-as-base science/a/Dockerfile:1:6", "FROM scripts\n"],
    ["context-named-like-stage science/a/Dockerfile:1:16", "FROM debian AS Scripts\nCOPY --from=scripts x /x\n"],
    ["context-in-trigger science/a/Dockerfile:3:21", `${reading}ONBUILD COPY --from=scripts run.sh /y\n`],
    ["unused-context science/a/sciserver-image.json:6:16", "FROM debian\n"],
  ])("are told to be no %s", (expected, dockerfile) => {
    const found = problemsOf(world(scripts, dockerfile)).map((each) => each.split(" ").slice(0, 2).join(" "));
    expect(found).toContain(expected);
  });

  it("are asked for where nobody names them, and a folder is called so", () => {
    const root = world({}, "FROM debian\nCOPY --from=scripts run.sh /x\nCOPY --from=busybox x /x\n");
    expect(loadCatalogue(root).diagnostics.map(({ code, at, help }) => `${code} ${at?.line}: ${help}`)).toEqual([
      'undeclared-context 2: add "contexts": { "scripts": "shared/scripts" } to science/a/sciserver-image.json, or "docker.io/library/scripts" if the image is meant',
    ]);
  });

  it("are asked for where a layer reads what another names, and where a name is nearly one", () => {
    const other = { image: "b", version: "1", compat: "jupyter", contexts: { conf: "shared/scripts" } };
    const root = world(
      scripts,
      `${reading}COPY --from=conf x /x\nCOPY --from=script x /x\nCOPY --from=busybox x /x\n`,
      {
        "science/b/sciserver-image.json": other,
        "science/b/Dockerfile": "FROM debian\nCOPY --from=conf run.sh /x\n",
      },
    );
    const helps = loadCatalogue(root).diagnostics.map(({ code, at, help }) => `${code} ${at?.line}: ${help}`);
    expect(helps).toEqual([
      'undeclared-context 3: add "contexts": { "conf": "shared/scripts" } to science/a/sciserver-image.json, as another layer has it, or "docker.io/library/conf" if the image is meant',
      'undeclared-context 4: write "scripts", or "docker.io/library/script" if the image is meant',
    ]);
  });

  it.each([
    ["COPY --from=scripts nothing /x", "nothing is not in shared/scripts"],
    ["COPY --from=scripts lib/x /x", "shared/scripts/.dockerignore keeps lib/x out of the build"],
    ["RUN --mount=from=scripts,source=none,target=/x true", "none is not in shared/scripts"],
    ["COPY --from=scripts *.py /x/", "*.py matches nothing in shared/scripts, so that nothing is copied"],
    ["COPY --from=scripts run.sh .dockerignore /x/", undefined],
  ])("have what is read of them: %s", async (instruction, expected) => {
    const root = world(scripts, `FROM debian\n${instruction}\n`, { "shared/scripts/.dockerignore": "lib\n" });
    mkdirSync(join(root, "shared/empty"));
    const { diagnostics } = await withSession({ root }, check);
    expect(diagnostics.map(({ message }) => message)).toEqual(expected === undefined ? [] : [expected]);
  });
});
