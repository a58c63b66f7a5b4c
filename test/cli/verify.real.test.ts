import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegistries } from "../../src/registry/registries.ts";
import { compile, type Ended, type Executable } from "../support/executable.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { compatFiles, repositoryAt, scienceFiles } from "../support/repository.ts";
import { layerOf, type PushedImage, publishHead, push } from "../trust/published.ts";

describe("the command verify", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-verify-"));
  let executable: Executable;
  let server: RunningRegistry;
  let repo: string;
  let image: PushedImage;

  beforeAll(async () => {
    executable = compile();
    server = await startRegistry();
    repo = `${server.host}/images`;
    const root = join(folder, "catalogue");
    mkdirSync(root);
    repositoryAt(root, {
      ...scienceFiles("nist", "debian"),
      ...scienceFiles("stars", "debian"),
      ...compatFiles("jupyter"),
    });
    const registries = createRegistries();
    const { images } = await publishHead(root, repo, registries.registryFor(server.host));
    image = images.get("compat/nist:1.0") as PushedImage;
    const other = layerOf("something else");
    const { pieces, repository, unique } = images.get("compat/stars:1.0") as PushedImage;
    const tampered = {
      ...pieces,
      layers: pieces.layers.with(0, other.bytes),
      diffIds: pieces.diffIds.with(0, other.diffId),
    };
    await push(registries.registryFor(server.host), repository, [unique, "1.0"], tampered);
    await registries.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (words: string, directory = join(folder, "catalogue")): Promise<Ended> =>
    executable.run(words.split(" "), { directory, environment: { IMAGE_BUILDER_REPO: repo } });

  it("exits with 0 and one line when an image is proven", async () => {
    const { code, out, err } = await run("verify nist:1.0");
    expect(err).toBe("");
    expect(
      out,
    ).toBe(`untouched  ${repo}/rel/nist:1.0  1 layer of science, then 0 of the interface; what resolves: not examined; it sets USER, ENTRYPOINT
1 image: 1 untouched
`);
    expect(code).toBe(0);
  });

  it("exits with 1 when one of several is not, and answers for all", async () => {
    const { code, out } = await run("verify --all");
    expect(code).toBe(1);
    expect(out).toContain(`untouched  ${repo}/rel/nist:1.0`);
    expect(out).toContain(
      `changed    ${repo}/rel/stars:1.0  layer 1 of the 1 of science is not that of the science image`,
    );
    expect(out).toMatch(/2 images: 1 untouched, 1 changed\n$/);
  });

  it("is one JSON document with --format json", async () => {
    const { code, out } = await run("verify nist stars:9.9 --format json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      formatVersion: 1,
      images: [
        { reference: `${repo}/rel/nist:1.0`, digest: image.digest, verdict: "untouched", problems: [] },
        { reference: `${repo}/rel/stars:9.9`, verdict: "unknown", problems: [{ message: "there is no such image" }] },
      ],
      summary: { untouched: 1, changed: 0, unknown: 1 },
    });
  });

  it("verifies a whole reference where there is no catalogue, and says what it could not do", async () => {
    const { code, out, err } = await run(`verify ${repo}/rel/nist:1.0`, tmpdir());
    expect(code).toBe(0);
    expect(out).toContain("untouched");
    expect(err).toContain("labels are not held against git: there is no catalogue here");
    expect((await run("verify nist:1.0", tmpdir())).code).toBe(2);
  });

  it("wants a signature where there is a key, and refuses a key that is none", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(join(folder, "pub.pem"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(join(folder, "bad.pem"), "rubbish");
    const unsigned = await run("verify nist:1.0 --key ../pub.pem");
    expect(unsigned.code).toBe(1);
    expect(unsigned.out).toContain("no statement about this image is signed with this key");
    const bad = await run("verify nist:1.0 --key ../bad.pem");
    expect(bad.code).toBe(2);
    expect(bad.err).toContain("holds no public key or certificate");
  });

  it.each([
    ["verify", "needs an image"],
    ["verify --all nist", "--all stands beside the name of an image"],
    ["verify nits", 'did you mean "nist"?'],
  ])("refuses %j with exit code 2", async (words, message) => {
    const { code, err } = await run(words);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
