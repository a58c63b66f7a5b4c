import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  circles,
  exitsOutsideMain,
  gitOutsideItsRoom,
  importsAgainstTheDirection,
  impureGlobals,
  impureImports,
  namesOutsideTheirRoom,
  platformsOutsideTheirFile,
  rooms,
  roomsWithoutPlace,
  type Sources,
  typesOfOneName,
  unusedExports,
  workInCli,
} from "./rules.ts";

const src = join(import.meta.dirname, "../../src");

function readSources(folder: string): Sources {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /\.(?:ts|mjs)$/.test(path));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

describe("the house", () => {
  const sources = readSources(src);

  it("has a place for every room", () => {
    expect(roomsWithoutPlace(sources)).toEqual([]);
  });

  it("lets imports go one way", () => {
    expect(importsAgainstTheDirection(sources)).toEqual([]);
  });

  it("keeps pure rooms pure", () => {
    expect([...impureImports(sources), ...impureGlobals(sources)]).toEqual([]);
  });

  it("works nowhere in the command line", () => {
    expect(workInCli(sources)).toEqual([]);
  });

  it("has no files that import each other in a circle", () => {
    expect(circles(sources)).toEqual([]);
  });

  it("has one type of each name", () => {
    expect(typesOfOneName(sources)).toEqual([]);
  });

  it("exports nothing that nothing uses", () => {
    const users = Object.assign({}, ...["test", "bench", "examples"].map((each) => readSources(join(src, "..", each))));
    expect(unusedExports(sources, users, ["index.ts", "main.ts"])).toEqual([]);
  });

  it("writes and reads names in one room", () => {
    expect(namesOutsideTheirRoom(sources)).toEqual([]);
  });

  it("starts git in its own room alone", () => {
    expect(gitOutsideItsRoom(sources)).toEqual([]);
  });

  it("says in one file which platform images are for", () => {
    expect(platformsOutsideTheirFile(sources)).toEqual([]);
  });

  it("ends the process in main.ts alone", () => {
    expect(exitsOutsideMain(sources)).toEqual([]);
  });

  it("is drawn in docs/architecture.md with the same rooms in the same order", () => {
    const text = readFileSync(join(src, "../docs/architecture.md"), "utf8");
    const drawn = /`(diagnostics(?: → [a-z]+)+)`/.exec(text)?.[1]?.split(" → ") ?? [];
    expect(drawn).toEqual(rooms.filter((room) => drawn.includes(room)));
    const present = new Set(Object.keys(sources).map((path) => /^[^/.]+/.exec(path)?.[0] ?? ""));
    expect([...present].filter((room) => !drawn.includes(room))).toEqual([]);
  });
});

describe("the rules of the house", () => {
  it("name the line of an import against the direction, static, dynamic, re-exported or of a type", () => {
    const sources = {
      "plan/a.ts": 'import { x } from "../oci/digest.ts";\n\nimport type { Y } from "../engines/model.ts";\n',
      "oci/b.ts": 'export * from "../registry/model.ts";\nconst z = await import("../run.ts");\n',
      "oci/c.ts": '// import "../run.ts"\nimport {\n  a,\n  b,\n} from "../diagnostics/text.ts";\n',
    };
    expect(importsAgainstTheDirection(sources)).toEqual([
      'src/plan/a.ts:3: "plan" imports from "engines", which stands to its right',
      'src/oci/b.ts:1: "oci" imports from "registry", which stands to its right',
      'src/oci/b.ts:2: "oci" imports from "run", which stands to its right',
    ]);
  });

  it("name a room without a place", () => {
    expect(roomsWithoutPlace({ "attic/a.ts": "", "run.ts": "" })).toEqual([
      'src/attic/a.ts:1: room "attic" has no place in the order of rooms',
    ]);
  });

  it("name a platform that is said again, or asked of the machine", () => {
    const sources = {
      "oci/platform.ts": 'const ours = { os: "linux", architecture: "amd64" };\n',
      "run/a.ts": '// "amd64"\nconst a = "linux/amd64";\nconst b = process.arch;\n',
    };
    expect(platformsOutsideTheirFile(sources)).toEqual([
      'src/run/a.ts:2: "linux/amd64" belongs in oci/platform.ts',
      "src/run/a.ts:3: process.arch belongs in oci/platform.ts",
    ]);
  });

  it("name what the command line does by itself, and let types and verbs pass", () => {
    const text = [
      'import type { Catalogue } from "../catalogue/model.ts";',
      'import { plan } from "../run/plan.ts";',
      'import { loadCatalogue } from "../catalogue/load.ts";',
      'const { git } = await import("../git/git.ts");',
    ].join("\n");
    expect(workInCli({ "cli/a.ts": text, "run/b.ts": text })).toEqual([
      'src/cli/a.ts:3: the command line takes more than types of "catalogue"',
      'src/cli/a.ts:4: the command line takes more than types of "git"',
    ]);
  });

  it("name what makes a pure room impure, and let types and hashing pass", () => {
    const text = [
      'import { readFileSync } from "node:fs";',
      'import type { Readable } from "node:stream";',
      'import { createHash, randomBytes } from "node:crypto";',
      'import { request } from "undici";',
      "// Date.now() in a comment is free",
      "const now = Date.now();",
      "const day = new Date(0).toISOString();",
      'const said = "process.env";',
      "const home = process.env.HOME;",
    ].join("\n");
    expect(impureImports({ "plan/a.ts": text, "engines/b.ts": text })).toEqual([
      'src/plan/a.ts:1: a pure room imports node:fs of "node:fs"',
      'src/plan/a.ts:3: a pure room imports randomBytes of "node:crypto"',
      'src/plan/a.ts:4: a pure room imports undici of "undici"',
    ]);
    expect(impureGlobals({ "plan/a.ts": text, "engines/b.ts": text })).toEqual([
      "src/plan/a.ts:3: a pure room uses randomBytes",
      "src/plan/a.ts:6: a pure room uses Date.now",
      "src/plan/a.ts:9: a pure room uses process.",
    ]);
  });

  it("name the files of a circle, also one of types", () => {
    const sources = {
      "plan/a.ts": 'import type { B } from "./b.ts";\n',
      "plan/b.ts": 'export { c } from "./c.ts";\n',
      "plan/c.ts": 'import { a } from "./a.ts";\n',
      "plan/d.ts": 'import "./a.ts";\nconst e = import("./e.ts");\n',
      "plan/e.ts": 'import "./d.ts";\n',
    };
    expect(circles(sources)).toEqual(["plan/a.ts → plan/b.ts → plan/c.ts"]);
  });

  it("name a type that is there twice, and what is exported for nobody", () => {
    const sources = {
      "plan/a.ts": "export interface Thing {}\nexport const used = 1;\nexport function alone() {}\n",
      "oci/b.ts": 'export type Thing = 1;\n// alone\nimport { used } from "../plan/a.ts";\n',
      "index.ts": "export const forOthers = 1;\n",
    };
    expect(typesOfOneName(sources)).toEqual(["Thing: oci/b.ts, plan/a.ts"]);
    expect(unusedExports(sources, {}, ["index.ts"])).toEqual([
      "src/plan/a.ts:3: alone is exported, and used in no other file",
    ]);
    expect(unusedExports(sources, { "a.test.ts": "alone();" }, ["index.ts"])).toEqual([]);
  });

  it("name a file that has the grammar of names of its own", () => {
    const text =
      'const a = `${repo}/sci/${target}`;\nconst b = "org.sciserver.compat.base";\nconst c = /rel\\/x/;\n// sci/${x}\n';
    expect(namesOutsideTheirRoom({ "plan/a.ts": text, "naming/b.ts": text }).map((each) => each.slice(0, 13))).toEqual([
      "src/plan/a.ts",
      "src/plan/a.ts",
      "src/plan/a.ts",
    ]);
  });

  it("name a room that starts git by itself", () => {
    const text = 'import { gitOrFail } from "../git/process.ts";\n';
    expect(gitOutsideItsRoom({ "status/a.ts": text, "git/b.ts": 'import { git } from "./process.ts";\n' })).toEqual([
      'src/status/a.ts:1: git processes are started in the room "git"',
    ]);
  });

  it("name a process that ends anywhere but in main.ts, and let the exit code be set", () => {
    const sources = { "cli/a.ts": "process.exitCode = 1;\nprocess.exit(1);", "main.ts": "process.exit(1);" };
    expect(exitsOutsideMain(sources)).toEqual(["src/cli/a.ts:2: process.exit belongs in main.ts"]);
  });
});
