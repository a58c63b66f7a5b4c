import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, type Repository, repositoryAt, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

/** Published without a key, and again after its interface changed; keys lie beside it. */
let registry: HttpRegistry;
let made: Repository;
let first: string;
const folder = mkdtempSync(join(tmpdir(), "image-builder-sign-"));
beforeAll(async () => {
  registry = await startHttpRegistry();
  made = repositoryAt(folder, {
    ...scienceFiles("nist", "scratch"),
    "science/nist/Dockerfile": "FROM scratch\nCOPY data /data\n",
    "science/nist/data": "data",
    ...compatFiles("jupyter"),
  });
  for (const name of ["own", "other", "third"]) writeKeys(join(folder, ".git", name));
  expect((await run("--push --since all")).code).toBe(0);
  first = `1.0-1-${made.git("rev-parse", "--short=7", "HEAD")}`;
  made.commit({ "compat/jupyter/Dockerfile": "ENV PORT=9999\n" });
  expect((await run("--push")).code).toBe(0);
}, 60_000);
afterAll(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true });
});

async function run(line: string) {
  const environment = {
    IMAGE_BUILDER_REPO: `${registry.host}/images`,
    XDG_STATE_HOME: join(folder, ".git/state"),
  };
  const world = recordedWorld({ directory: folder, environment });
  const code = await runCommandLine(line.split(" "), world);
  return { code, out: world.out(), err: world.err() };
}

async function answers(line: string) {
  const { code, out } = await run(`verify ${line} --format json`);
  const { images } = JSON.parse(out) as { images: { verdict: string; newest?: string; signed: string }[] };
  return { code, ...images[0] };
}

function writeKeys(file: string): void {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(`${file}.pem`, privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(`${file}.pub`, publicKey.export({ type: "spki", format: "pem" }));
}

describe("what was published before there was a key", () => {
  it("is untouched and unsigned, and signed by those who have the key whatever is checked out", async () => {
    const unsigned = { code: 1, verdict: "untouched", newest: "newest", signed: "unsigned" };
    expect(await answers("nist:1.0 --key .git/own.pub")).toMatchObject(unsigned);
    expect((await run("verify nist:1.0 --key .git/own.pub")).out).toMatch(/^untouched .*; unsigned\n/);
    for (const name of ["nist:1.0", `nist:${first}`]) {
      const { code, out } = await run(`sign ${name} --key .git/own.pem`);
      expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^signed .*rel\/nist:1.0.* sha256:\w+\n$/) });
    }
    expect(await answers("nist:1.0 --key .git/own.pub")).toMatchObject({ ...unsigned, code: 0, signed: "signed" });
    const build = await answers(`nist:${first} --key .git/own.pub`);
    expect(build).toMatchObject({ code: 0, verdict: "untouched", signed: "signed" });
    expect(build).not.toHaveProperty("newest");
    expect(await answers("nist:1.0 --key .git/other.pub")).toMatchObject({ ...unsigned, signed: "other-key" });
    expect(await answers("nist:1.0")).toMatchObject({ ...unsigned, code: 0, signed: "unchecked" });
  }, 60_000);

  it("gets one signature of each key", async () => {
    for (const key of ["own", "other"]) expect((await run(`sign --all --key .git/${key}.pem`)).code).toBe(0);
    const { statements } = (await answers("nist:1.0")) as { statements?: { signature: string }[] };
    expect(statements?.map(({ signature }) => signature).sort()).toEqual(["none", "unchecked", "unchecked"]);
  });

  it("is not signed where it contradicts its labels, or is not there", async () => {
    const { tags } = registry.store.repository("images/rel/nist");
    const [, digest] = [...tags].find(([tag]) => tag === "1.0") ?? [];
    if (digest) tags.set("2.0", digest);
    const { code, out } = await run("sign nist:2.0 nist:3.0 nist:1.0 --key .git/own.pem");
    tags.delete("2.0");
    expect(code).toBe(1);
    expect(out).toMatch(/^not signed .*rel\/nist:2.0 +changed\n {2}the labels say that this is nist:1.0/);
    expect(out).toMatch(/^not signed .*rel\/nist:3.0 +unknown\n {2}there is no such image$/m);
    expect(out).toMatch(/^signed .*rel\/nist:1.0 /m);
  });

  it("is not said to be signed where the registry takes the statement and keeps nothing", async () => {
    const fault = { on: true };
    registry.faults.push((request, response) => {
      const digest = /\/manifests\/(sha256:\w+)$/.exec(request.url ?? "")?.[1];
      if (!fault.on || request.method !== "PUT" || digest === undefined) return false;
      request.resume();
      return response.writeHead(201, { "docker-content-digest": digest }).end() !== undefined;
    });
    const { code, out } = await run(`sign nist:${first} --key .git/third.pem`);
    fault.on = false;
    expect({ code, out }).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^not signed .*\n {2}the registry took /),
    });
  });

  it("needs a key, and an image", async () => {
    expect(await run("sign nist:1.0")).toMatchObject({ code: 2, err: expect.stringContaining("--key FILE") });
    expect(await run("sign --key .git/own.pem")).toMatchObject({ code: 2 });
    expect(await run("sign nist:1.0 --key .git/own.pub")).toMatchObject({ code: 2 });
  });
});

describe("everything", () => {
  it("is not all of it where a list of tags could not be read", async () => {
    const fault = { on: true };
    registry.faults.push((request, response) =>
      fault.on && request.url?.includes("/tags/list") ? response.writeHead(403).end() !== undefined : false,
    );
    const { code, err } = await run("verify --all");
    fault.on = false;
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("403") });
  });
});

describe("after a rollback", () => {
  it("verify says so, and that the build is untouched and signed, and finds it behind once it is released", async () => {
    expect((await run("rollback nist:1.0")).code).toBe(0);
    const found = await answers("nist:1.0 --key .git/own.pub");
    expect(found).toMatchObject({ code: 0, verdict: "untouched", newest: "rolled-back", signed: "signed" });
    const { out } = await run("verify --all --key .git/own.pub");
    expect(out).toMatch(/^untouched .*; rolled back; signed\n1 image: 1 untouched, 1 rolled back\n$/);
    expect((await run("rollback --release nist:1.0")).code).toBe(0);
    expect(await answers("nist:1.0")).toMatchObject({ code: 1, verdict: "untouched", newest: "behind" });
    expect((await run("verify nist:1.0")).out).toMatch(/^untouched .*; behind the newest build/);
  });
});
