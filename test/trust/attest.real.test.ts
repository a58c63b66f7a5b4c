import { type ExecFileException, execFile } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { verdictType } from "../../src/published/published-at.ts";
import type { Registries, Registry } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { attach } from "../../src/trust/attach.ts";
import { attestPublished } from "../../src/trust/attest.ts";
import { bundleMediaType, writeBundle } from "../../src/trust/bundle.ts";
import { envelopeMediaType, signEnvelope } from "../../src/trust/envelope.ts";
import { readSigningKey, readVerifyingKey } from "../../src/trust/keys.ts";
import type { ImageVerdict } from "../../src/trust/model.ts";
import { statementMediaType, statementType } from "../../src/trust/statement.ts";
import { namedSubjects } from "../../src/trust/subjects.ts";
import { verifyImages } from "../../src/trust/verify.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { compatFiles, repositoryAt, scienceFiles } from "../support/repository.ts";
import { testWorld } from "../support/world.ts";
import { type PushedImage, publishHead } from "./published.ts";

const run = promisify(execFile);

describe("a verdict attached to an image", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-attest-"));
  const { cosign } = testWorld().tools;
  let server: RunningRegistry;
  let registries: Registries;
  let registry: Registry;
  let counter = 0;
  let [own, other]: { key: KeyObject; pub: KeyObject; files: { key: string; pub: string } }[] = [];

  beforeAll(async () => {
    server = await startRegistry();
    registries = createRegistries({ limits: { attempts: 1 } });
    registry = registries.registryFor(server.host);
    repositoryAt(join(folder), { ...scienceFiles("nist", "debian:bookworm-slim"), ...compatFiles("jupyter") });
    [own, other] = [makeKey("own"), makeKey("other")];
  });
  afterAll(async () => {
    await registries.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function makeKey(name: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const files = { key: join(folder, `${name}.pem`), pub: join(folder, `${name}.pub.pem`) };
    writeFileSync(files.key, privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(files.pub, publicKey.export({ type: "spki", format: "pem" }));
    return { key: readSigningKey(files.key), pub: readVerifyingKey(files.pub), files };
  }

  interface Published {
    readonly repo: string;
    readonly image: PushedImage;
    readonly reference: string;
  }

  async function published(): Promise<Published> {
    counter += 1;
    const repo = `${server.host}/w${counter}`;
    const image = (await publishHead(folder, repo, registry)).images.get("compat/nist:1.0");
    if (!image) throw new Error("not published");
    return { repo, image, reference: `${server.host}/${image.repository}@${image.digest}` };
  }

  const attest = ({ repo, image }: Published, key?: KeyObject) =>
    attestPublished([{ unique: `${server.host}/${image.repository}:${image.unique}`, digest: image.digest }], {
      registries,
      prefixes: [repo],
      key,
      time: 1_700_000_000,
    });

  async function verify({ repo }: Published, key?: KeyObject): Promise<ImageVerdict> {
    const catalogue = loadCatalogue(folder, { repo });
    const [verdict] = await verifyImages(namedSubjects(["nist:1.0"], catalogue), {
      catalogue,
      registries,
      git: true,
      key,
    });
    if (!verdict) throw new Error("no verdict");
    return verdict;
  }

  const codes = ({ problems, doubts }: ImageVerdict): string[] => [...problems, ...doubts].map(({ code }) => code);

  const cosignVerifies = async (reference: string, pub: string, type = verdictType): Promise<string> => {
    const words = [
      "verify-attestation",
      "--key",
      pub,
      "--insecure-ignore-tlog",
      "--type",
      type,
      "--allow-http-registry",
      reference,
    ];
    const { stdout } = await run(cosign, words, { env: { ...process.env, HOME: folder } });
    return stdout;
  };

  const statement = (digest: Digest, more: object = {}): Buffer =>
    Buffer.from(
      JSON.stringify({
        _type: statementType,
        subject: [{ name: "x", digest: { sha256: digest.slice("sha256:".length) } }],
        predicateType: "https://example.org/review/v1",
        predicate: {},
        ...more,
      }),
    );

  const attachBytes = (image: PushedImage, mediaType: string, bytes: Buffer): Promise<Descriptor> =>
    attach(
      registry,
      image.repository,
      { mediaType: oci.manifest, digest: image.digest, size: 1 },
      { mediaType, bytes, annotations: {} },
    );

  it("is one that cosign verifies when it is signed, with our key and no other", async () => {
    const made = await published();
    expect(await attest(made, own?.key)).toMatchObject([{ verdict: "untouched", problems: [] }]);
    const out = await cosignVerifies(made.reference, own?.files.pub ?? "");
    const payload = JSON.parse(Buffer.from(JSON.parse(out).payload, "base64").toString());
    expect(payload).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `${server.host}/${made.image.repository}`, digest: { sha256: made.image.digest.slice(7) } }],
      predicate: { verdict: "untouched", science: { layers: made.image.pieces.diffIds } },
    });
    await expect(cosignVerifies(made.reference, other?.files.pub ?? "")).rejects.toThrow();
  });

  it("is accepted by verify with the key it was signed with, and refused with another or without a signature", async () => {
    const made = await published();
    const unsigned = { verdict: "untouched", signed: "unsigned", problems: [], doubts: [{ code: "not-signed" }] };
    expect(await verify(made, own?.pub)).toMatchObject(unsigned);
    await attest(made);
    expect(await verify(made)).toMatchObject({ signed: "unsigned", statements: [{ signature: "none" }], doubts: [] });
    expect(await verify(made, own?.pub)).toMatchObject(unsigned);
    await attest(made, own?.key);
    expect(await verify(made)).toMatchObject({ verdict: "untouched", signed: "unchecked" });
    expect(await verify(made, own?.pub)).toMatchObject({ verdict: "untouched", signed: "signed", doubts: [] });
    expect(await verify(made, other?.pub)).toMatchObject({ ...unsigned, signed: "other-key" });
  });

  it("is attached once, however often the same is published", async () => {
    const made = await published();
    for (const key of [undefined, undefined, own?.key, own?.key]) await attest(made, key);
    expect((await verify(made)).statements.map(({ signature }) => signature).sort()).toEqual(["none", "unchecked"]);
  });

  it("is refused when a byte of what was signed is another", async () => {
    const made = await published();
    const envelope = signEnvelope(statementMediaType, statement(made.image.digest), own?.key as KeyObject);
    const forged = {
      ...envelope,
      payload: statement(made.image.digest, { predicate: { more: 1 } }).toString("base64"),
    };
    await attachBytes(made.image, bundleMediaType, writeBundle(forged));
    const found = await verify(made, own?.pub);
    expect(found).toMatchObject({ verdict: "untouched", signed: "other-key" });
    expect(codes(found)).toEqual(["not-signed"]);
    await expect(
      cosignVerifies(made.reference, own?.files.pub ?? "", "https://example.org/review/v1"),
    ).rejects.toThrow();
  });

  it("is refused when it was signed for another image and put here", async () => {
    const made = await published();
    const envelope = signEnvelope(statementMediaType, statement(sha256Digest("another")), own?.key as KeyObject);
    await attachBytes(made.image, bundleMediaType, writeBundle(envelope));
    const found = await verify(made, own?.pub);
    expect(found).toMatchObject({
      verdict: "untouched",
      signed: "unsigned",
      statements: [{ signature: "valid", subject: "another-image" }],
    });
    expect(codes(found).sort()).toEqual(["not-signed", "statement-about-another"]);
  });

  it("is refused when it speaks of other layers than the image has, or of a change", async () => {
    const made = await published();
    const science = { layers: [sha256Digest("x")] };
    const lie = { predicateType: verdictType, predicate: { verdict: "untouched", science, interface: { layers: [] } } };
    await attachBytes(made.image, statementMediaType, statement(made.image.digest, lie));
    expect(codes(await verify(made))).toEqual(["verdict-disagrees"]);
  });

  it("does not count when it cannot be read", async () => {
    const made = await published();
    await attachBytes(made.image, statementMediaType, Buffer.from("rubbish"));
    expect(await verify(made)).toMatchObject({
      verdict: "untouched",
      doubts: [{ code: "attachment-unreadable", severity: "warning" }],
    });
  });

  it("may be what others signed, as a plain envelope or behind the tag of cosign 2", async () => {
    const made = await published();
    const envelope = Buffer.from(
      JSON.stringify(signEnvelope(statementMediaType, statement(made.image.digest), own?.key as KeyObject)),
    );
    await attachBytes(made.image, envelopeMediaType, envelope);
    expect((await verify(made, own?.pub)).statements).toEqual([
      { predicateType: "https://example.org/review/v1", signature: "valid", subject: "this-image" },
    ]);

    const legacy = await published();
    const again = Buffer.from(
      JSON.stringify(signEnvelope(statementMediaType, statement(legacy.image.digest), own?.key as KeyObject)),
    );
    const layer = { mediaType: envelopeMediaType, digest: sha256Digest(again), size: again.length };
    await registry.repository(legacy.image.repository).blobs.put(layer, again);
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: oci.manifest,
        config: { ...layer, mediaType: oci.config },
        layers: [layer],
      }),
    );
    await registry
      .repository(legacy.image.repository)
      .manifests.put(`${legacy.image.digest.replace(":", "-")}.att`, oci.manifest, manifest);
    expect(await verify(legacy, own?.pub)).toMatchObject({
      verdict: "untouched",
      statements: [{ signature: "valid" }],
    });
  });

  it("may be what cosign attached", async () => {
    const made = await published();
    const environment = { ...process.env, HOME: folder, COSIGN_PASSWORD: "" };
    const cosignKey = join(folder, `cosign-${counter}`);
    await run(cosign, ["import-key-pair", "--key", own?.files.key ?? "", "-o", cosignKey], { env: environment });
    writeFileSync(join(folder, "predicate.json"), '{"reviewed":true}');
    const words = [
      "attest",
      "--key",
      `${cosignKey}.key`,
      "--predicate",
      join(folder, "predicate.json"),
      "--type",
      "https://example.org/review/v1",
    ];
    const more = ["--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y", made.reference];
    await run(cosign, [...words, ...more], { env: environment }).catch(
      (failure: ExecFileException & { stderr: string }) => {
        throw new Error(failure.stderr);
      },
    );
    expect(await verify(made, own?.pub)).toMatchObject({
      verdict: "untouched",
      statements: [{ predicateType: "https://example.org/review/v1", signature: "valid", subject: "this-image" }],
    });
  });

  it("tells of each image by itself when the registry fails", async () => {
    const made = await published();
    const unique = `127.0.0.1:1/${made.image.repository}:${made.image.unique}`;
    const [failed] = await attestPublished([{ unique, digest: made.image.digest }], {
      registries,
      prefixes: [],
      time: 0,
    });
    expect(failed).toMatchObject({ unique, verdict: "unknown" });
    expect(failed?.problems).toHaveLength(1);
  });
});
