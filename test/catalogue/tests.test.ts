import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { compatFiles, folderOf, scienceFiles } from "../support/repository.ts";

/** `science/p` with these tests, a folder `tests`, a link and what an ignore file keeps out of the build. */
const load = (test: unknown, more: object = {}) =>
  loadCatalogue(
    folderOf({
      ...compatFiles("jupyter"),
      ...scienceFiles("p", "debian", { test, ...more }),
      "science/p/tests/test_a.py": "",
      "science/p/.dockerignore": "tests\n",
    }),
  );

const problems = (test: unknown, more?: object): string[] =>
  load(test, more).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe("the tests of a definition", () => {
  it("are shell commands, programs with arguments, and tables with what they need", () => {
    const { science, diagnostics } = load([
      "python3 -V",
      { run: "pytest /tests", files: { tests: "/tests" }, timeout: "1h30m", network: true, user: "1000:100" },
      { run: ["pytest", "-q"], name: "unit tests", timeout: 90, network: false },
    ]);
    expect(diagnostics).toEqual([]);
    expect(science[0]?.test).toEqual([
      { name: "python3 -V", run: "python3 -V" },
      {
        name: "pytest /tests",
        run: "pytest /tests",
        files: { tests: "/tests" },
        timeout: 5400,
        network: true,
        user: "1000:100",
      },
      { name: "unit tests", run: ["pytest", "-q"], timeout: 90 },
    ]);
  });

  it("may be a variant's own, and an interface's", () => {
    const { science, compat, diagnostics } = loadCatalogue(
      folderOf({
        "compat/jupyter/Dockerfile": "ENV A=1\n",
        "compat/jupyter/sciserver-image.json": { test: [{ run: "true", timeout: "5s" }] },
        "science/p/Dockerfile": "FROM debian\n",
        "science/p/sciserver-image.json": {
          image: "p",
          compat: "jupyter",
          test: ["true"],
          variants: [{ version: "1" }, { version: "2", test: [{ run: "false", user: "root" }] }],
        },
      }),
    );
    expect(diagnostics).toEqual([]);
    expect(science.map(({ test }) => test)).toEqual([
      [{ name: "true", run: "true" }],
      [{ name: "false", run: "false", user: "root" }],
    ]);
    expect(compat[0]?.test).toEqual([{ name: "true", run: "true", timeout: 5 }]);
  });

  it.each([
    ["pytest", 'wrong-type "test" is a text, a list was expected'],
    [{ run: "pytest" }, 'wrong-type "test" is an object, a list was expected'],
    [[""], 'wrong-value "test.0" is ""; expected a command'],
    [[7], 'wrong-value "test.0" has a form that is not expected here'],
    [[{}], 'missing-key the key "test.0.run" is missing'],
    [[{ run: [] }], 'wrong-value "test.0.run" is []; expected a program and its arguments'],
    [[{ run: [""] }], 'wrong-value "test.0.run" is [""]; expected a program at the beginning'],
    [[{ run: true }], 'wrong-value "test.0.run" has a form that is not expected here'],
    [[{ run: "a", cmd: "b" }], 'unknown-key the key "cmd" is not known'],
    [[{ run: "a", time: "5m" }], 'unknown-key the key "time" is not known'],
    [[{ run: "a", file: {} }], 'unknown-key the key "file" is not known; did you mean "files"?'],
    [[{ run: "a", files: ["tests"] }], 'wrong-type "test.0.files" is a list, an object was expected'],
    [
      [{ run: "a", files: { tests: "tests" } }],
      'wrong-value "test.0.files.tests" is "tests"; expected an absolute path',
    ],
    [
      [{ run: "a", files: { tests: "/a/../b" } }],
      'wrong-value "test.0.files.tests" is "/a/../b"; expected a path without "." and ".."',
    ],
    [
      [{ run: "a", files: { tests: "/" } }],
      'wrong-value "test.0.files.tests" is "/"; expected a place below /, such as /tests',
    ],
    [
      [{ run: "a", files: { "../b": "/b" } }],
      'wrong-key the key "test.0.files.../b" is not allowed; expected a file or folder of this directory, without "/" before it and without ".."',
    ],
    [
      [{ run: "a", files: { "/etc": "/b" } }],
      'wrong-key the key "test.0.files./etc" is not allowed; expected a file or folder of this directory, without "/" before it and without ".."',
    ],
    [[{ run: "a", files: { test: "/b" } }], "missing-test-file science/p/test, which a test wants, is not there"],
    [
      [{ run: "a", timeout: "5 minutes" }],
      'wrong-value "test.0.timeout" is "5 minutes"; expected hours, minutes and seconds, "1h30m", "5m" or "90s", or a number of seconds',
    ],
    [[{ run: "a", timeout: 0 }], 'wrong-value "test.0.timeout" is 0; expected more than nothing and at most 24 hours'],
    [
      [{ run: "a", timeout: "25h" }],
      'wrong-value "test.0.timeout" is "25h"; expected more than nothing and at most 24 hours',
    ],
    [[{ run: "a", network: "none" }], 'wrong-type "test.0.network" is a text, true or false was expected'],
    [[{ run: "a", user: 0 }], 'wrong-type "test.0.user" is a number, a text was expected'],
    [
      [{ run: "a", user: "--privileged" }],
      'wrong-value "test.0.user" is "--privileged"; expected a user or user:group',
    ],
    [[{ run: "a", name: "x\ny" }], 'wrong-value "test.0.name" is "x\\ny"; expected a text of one line'],
  ])("that are %j have one problem, told with its place and what to write", (test, expected) => {
    const { diagnostics } = load(test);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([expected]);
    const [found] = diagnostics;
    expect(found?.at?.file).toBe("science/p/sciserver-image.json");
    expect(found?.at?.line).toBeGreaterThan(1);
    expect(found?.help ?? "no help").not.toBe("no help");
  });

  it("of a variant have their problems where the variant says it", () => {
    expect(
      problems(undefined, { version: undefined, variants: [{ version: "1", test: [{ run: "a", out: 1 }] }] }),
    ).toEqual(['unknown-key the key "out" is not known']);
  });

  it("cannot want what a link of the directory leads to", async () => {
    const root = folderOf({
      ...compatFiles("jupyter"),
      ...scienceFiles("p", "debian", { test: [{ run: "a", files: { hosts: "/h" } }] }),
    });
    const { symlinkSync } = await import("node:fs");
    symlinkSync("/etc/hosts", `${root}/science/p/hosts`);
    expect(loadCatalogue(root).diagnostics.map(({ message }) => message)).toEqual([
      "science/p/hosts, which a test wants, is a link",
    ]);
  });
});
