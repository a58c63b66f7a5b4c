import { generateKeyPairSync, sign as signWith } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Examined } from "../../src/freeze/model.ts";
import type { ContainerConfig, HistoryEntry } from "../../src/oci/config.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { parseReferenceOrThrow } from "../../src/oci/reference.ts";
import { type PublishedImage, publishedImage } from "../../src/published/image.ts";
import { verdictType } from "../../src/published/published-at.ts";
import { parseBundle, writeBundle } from "../../src/trust/bundle.ts";
import { compareLayers } from "../../src/trust/compare-layers.ts";
import { configDrift } from "../../src/trust/drift.ts";
import { isSignedBy, parseEnvelope, signEnvelope, signedBytes } from "../../src/trust/envelope.ts";
import { weigh } from "../../src/trust/findings.ts";
import { readSigningKey, readVerifyingKey } from "../../src/trust/keys.ts";
import { countLayers } from "../../src/trust/layer-count.ts";
import { parseStatement, resolvesPredicate, statedResolves, verdictLayers } from "../../src/trust/statement.ts";
import { isStableTag, scienceTarget, subjectOf } from "../../src/trust/subject.ts";
import { namedSubjects } from "../../src/trust/subjects.ts";
import { catalogue, compat, recipe, science } from "../support/literal.ts";

/** An image of layers by name; `a!` has the content of `a` in other bytes. */
function image(
  layers: readonly string[],
  config: ContainerConfig = {},
  history?: readonly HistoryEntry[],
): PublishedImage {
  const blob = (name: string) => ({ mediaType: oci.layerGzip, digest: sha256Digest(`bytes of ${name}`), size: 1 });
  const descriptor = { mediaType: oci.manifest, digest: sha256Digest(layers.join()), size: 1 };
  return publishedImage("registry.example/rel/x:1.0", {
    descriptor,
    named: descriptor,
    manifest: { schemaVersion: 2, mediaType: oci.manifest, config: blob("config"), layers: layers.map(blob) },
    config: {
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: layers.map((name) => sha256Digest(name.replace("!", ""))) },
      ...(history && { history }),
    },
  });
}

const codes = (findings: readonly { readonly code: string }[]): string[] => findings.map(({ code }) => code);

describe("comparing layers", () => {
  const below = image(["a", "b"]);

  it("accepts an image that begins with all layers of its science image", () => {
    expect(compareLayers(image(["a", "b", "c"]), below)).toEqual([]);
    expect(compareLayers(below, below)).toEqual([]);
  });

  it("names the first layer that is another, by content or by its bytes alone", () => {
    expect(compareLayers(image(["a", "x", "c"]), below)).toMatchObject([
      { code: "science-layer-replaced", message: "layer 2 of the 2 of science is not that of the science image" },
    ]);
    expect(compareLayers(image(["a!", "b", "c"]), below)[0]?.notes.at(-1)?.message).toMatch(
      /^the configuration claims the same content/,
    );
  });

  it("finds layers that are missing, and counts that contradict each other", () => {
    expect(codes(compareLayers(image(["a"]), below))).toEqual(["science-layer-missing"]);
    const three = image(["a", "b", "c"]);
    const cut = { ...three, manifest: { ...three.manifest, layers: three.manifest.layers.slice(0, 2) } };
    expect(codes(compareLayers(cut, below))).toEqual(["layers-disagree"]);
    expect(codes(compareLayers(image(["a", "b"], {}, [{ created_by: "one" }]), below))).toEqual(["layers-disagree"]);
    expect(compareLayers(image(["a", "b"], {}, []), below)).toEqual([]);
  });
});

describe("counting the layers of an interface", () => {
  const stack = [
    compat("common", {
      user: { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/home/idies", shell: "/bin/sh" },
    }),
    compat("jupyter", {
      dockerfile: recipe(
        "compat/jupyter/Dockerfile",
        "FROM x AS ui\nRUN one\nRUN two\nFROM science\nCOPY a /a\nWORKDIR /w\nENV X=1\n",
      ),
    }),
  ];
  const crumb = {
    kind: "compat",
    name: "x",
    tag: "1.0-1-abcdef0",
    stamp: { version: "1.0", count: 1, commit: "abcdef0", dirty: false },
  } as const;
  const count = (layers: readonly string[], history?: readonly HistoryEntry[], below = image(["a"])) =>
    codes(countLayers(image(layers, {}, history), below, stack, crumb));

  it("allows one for each instruction, and for declared users, but not for those of stages", () => {
    expect(count(["a", "user", "copy"])).toEqual([]);
    expect(count(["a", "copy"])).toEqual([]);
    expect(count(["a", "user", "copy", "workdir"])).toEqual([]);
    expect(count(["a", "user", "copy", "workdir", "more"])).toEqual(["layer-inserted"]);
  });

  it("counts WORKDIR only where the history says that it made a folder", () => {
    const history = (last: HistoryEntry): HistoryEntry[] => [{ created_by: "RUN user" }, { created_by: "COPY" }, last];
    expect(count(["a", "user", "copy", "w"], history({ created_by: "WORKDIR /w" }))).toEqual([]);
    expect(count(["a", "user", "copy", "w"], history({ created_by: "RUN evil" }))).toEqual(["layer-inserted"]);
  });

  it("allows what the science image triggers", () => {
    const below = image(["a"], { OnBuild: ["RUN more"] });
    expect(count(["a", "t", "user", "copy", "w"], undefined, below)).toEqual([]);
  });
});

describe("drift of the configuration", () => {
  it("lists what was set, overwritten and taken away, but not what the build itself sets", () => {
    const below = image([], { Env: ["PATH=/bin", "LANG=C", "GONE=1"], User: "root", Cmd: ["sh"] });
    const own = image([], {
      Env: ["PATH=/opt/bin:/bin", "LANG=C", "SCISERVER_IMAGE=x", "EMPTY"],
      User: "idies",
      Cmd: ["sh"],
      Volumes: { "/data": {} },
    });
    expect(configDrift(own.config, below.config)).toEqual([
      { what: "ENV EMPTY", image: "" },
      { what: "ENV GONE", science: "1" },
      { what: "PATH", science: "/bin", image: "/opt/bin:/bin" },
      { what: "USER", science: "root", image: "idies" },
      { what: "VOLUME", image: '["/data"]' },
    ]);
    expect(configDrift(own.config, own.config)).toEqual([]);
  });
});

describe("a verdict", () => {
  const finding = (code: string, severity: "error" | "warning" = "error") => ({
    severity,
    code,
    message: "",
    notes: [],
  });

  it("is changed by any contradiction, unknown by what could not be found out, and not moved by warnings", () => {
    expect(weigh([])).toBe("untouched");
    expect(weigh([finding("anything", "warning")])).toBe("untouched");
    expect(weigh([finding("not-proven")])).toBe("unknown");
    expect(weigh([finding("not-proven"), finding("label-disagrees")])).toBe("changed");
  });
});

describe("names of images to verify", () => {
  const all = catalogue([science("nist"), science("nist-2", { image: "nist", version: "2.0" })]);
  const names = (name: string) =>
    namedSubjects([name], all).map(({ reference }) => `${reference.registry}/${reference.repository}:${reference.tag}`);

  it("are image-versions, images, and references below rel/", () => {
    const repo = "registry.example.org/images/rel/nist";
    expect(names("nist:1.0")).toEqual([`${repo}:1.0`]);
    expect(names("rel/nist:1.0-1-abcdef0")).toEqual([`${repo}:1.0-1-abcdef0`]);
    expect(names("nist")).toEqual([`${repo}:1.0`, `${repo}:2.0`]);
    expect(names("localhost:5000/a/b/rel/x:1")).toEqual(["localhost:5000/a/b/rel/x:1"]);
  });

  it("are refused where they name nothing that can be proven", () => {
    expect(() => names("nits")).toThrow('there is no image "nits" in the catalogue; did you mean "nist"?');
    expect(() => names("debian/sub:1")).toThrow("is not below rel/");
    expect(() => names("registry.example.org/images/sci/nist:1.0")).toThrow("is not below rel/");
    expect(() => subjectOf("UPPER:1", "localhost/x")).toThrow("is not the name of an image");
  });

  it("send us to science images of known places only", () => {
    const target = (text: string) => scienceTarget(parseReferenceOrThrow(text), ["registry.example.org/images"]);
    expect(target("registry.example.org/images/sci/nist:1.0")).toBe("nist");
    expect(target("registry.example.org/images2/sci/nist:1.0")).toBeUndefined();
    expect(target("evil.example.org/images/sci/nist:1.0")).toBeUndefined();
    expect(target("registry.example.org/images/sci/a/b:1.0")).toBeUndefined();
  });

  it("tell stable tags from others", () => {
    const tags = [
      "1.0",
      "latest",
      "1.0-1-abcdef0",
      `sha256-${"0".repeat(64)}`,
      `sha256-${"0".repeat(64)}.att`,
      "sha256-short",
    ];
    expect(tags.filter(isStableTag)).toEqual(["1.0", "latest", "sha256-short"]);
  });
});

describe("an envelope", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

  it("signs type and payload together, by their lengths in bytes", () => {
    expect(signedBytes("tüp", Buffer.from("pay load")).toString()).toBe("DSSEv1 4 tüp 8 pay load");
  });

  it("is valid for its key and payload alone, also after a bundle", () => {
    const envelope = signEnvelope("type", Buffer.from("payload"), privateKey);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    expect(isSignedBy(envelope, publicKey)).toBe(true);
    expect(isSignedBy(envelope, other)).toBe(false);
    expect(isSignedBy({ ...envelope, payloadType: "typf" }, publicKey)).toBe(false);
    expect(isSignedBy({ ...envelope, payload: Buffer.from("payloae").toString("base64") }, publicKey)).toBe(false);
    expect(isSignedBy({ ...envelope, signatures: [] }, publicKey)).toBe(false);
    expect(isSignedBy({ ...envelope, signatures: [{ sig: "AAAA" }, ...envelope.signatures] }, publicKey)).toBe(true);
    expect(parseBundle(writeBundle(envelope))).toEqual({
      ...envelope,
      signatures: [{ ...envelope.signatures[0], keyid: undefined }],
    });
  });

  it("is checked with keys of other kinds as well", () => {
    for (const pair of [generateKeyPairSync("ed25519"), generateKeyPairSync("rsa", { modulusLength: 2048 })]) {
      const bytes = signedBytes("type", Buffer.from("payload"));
      const hash = pair.privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
      const sig = signWith(hash, bytes, pair.privateKey).toString("base64");
      const envelope = {
        payloadType: "type",
        payload: Buffer.from("payload").toString("base64"),
        signatures: [{ sig }],
      };
      expect(isSignedBy(envelope, pair.publicKey)).toBe(true);
      expect(isSignedBy(envelope, publicKey)).toBe(false);
    }
  });

  it("is refused when it is none", () => {
    for (const text of ["", "{}", '{"payloadType":"x","payload":"%%","signatures":[]}']) {
      expect(() => parseEnvelope(Buffer.from(text))).toThrow("the attached envelope");
    }
  });
});

describe("a statement", () => {
  it("is read in both versions, and refused as anything else", () => {
    const statement = (more: object) =>
      Buffer.from(
        JSON.stringify({ subject: [{ digest: { sha256: "ab" } }, { digest: {} }, {}], predicateType: "t", ...more }),
      );
    for (const _type of ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]) {
      expect(parseStatement(statement({ _type }))).toEqual({
        predicateType: "t",
        predicate: undefined,
        subjects: ["ab"],
      });
    }
    expect(() => parseStatement(statement({ _type: "other" }))).toThrow("the attached statement");
    expect(verdictLayers({ predicateType: "t", predicate: {}, subjects: [] })).toBeUndefined();
  });
});

describe("what a statement says of what resolves", () => {
  const finding = { key: "python:numpy", says: "`import numpy` was 1, is 2", stops: true };
  const examination = { resolves: "changed", doors: [], findings: [finding], problems: [] } as const;
  const stated = (examined: Examined) => {
    const resolves = resolvesPredicate(examined);
    const predicate = { verdict: "untouched", science: { layers: [] }, interface: { layers: [] }, resolves };
    return statedResolves({
      predicateType: verdictType,
      subjects: [],
      predicate: JSON.parse(JSON.stringify(predicate)),
    });
  };

  it("is the verdict, the sentences and what became of the tests", () => {
    expect(stated({ examination, tests: { state: "not tested", why: "no engine" } })).toEqual({
      verdict: "changed",
      differences: ["`import numpy` was 1, is 2"],
      accepted: false,
      tests: "not tested (no engine)",
    });
  });

  it("is accepted where there is a reason for everything", () => {
    const findings = [{ ...finding, stops: false, excepted: "the notebook needs it" }];
    expect(stated({ examination: { ...examination, findings }, tests: { state: "passed" } })).toMatchObject({
      verdict: "changed",
      accepted: true,
      differences: ["`import numpy` was 1, is 2 (it may: the notebook needs it)"],
    });
  });

  it("is nothing in statements of earlier releases, and in those that nobody can read", () => {
    expect(stated({ tests: { state: "none" } })).toBeUndefined();
    expect(statedResolves({ predicateType: "t", predicate: {}, subjects: [] })).toBeUndefined();
  });
});

describe("keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-keys-"));
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });

  it("sign when they are on P-256, encrypted or not", () => {
    const plain = file("plain.pem", p256.privateKey.export({ type: "pkcs8", format: "pem" }));
    const locked = file(
      "locked.pem",
      p256.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }),
    );
    expect(readSigningKey(plain).type).toBe("private");
    expect(readSigningKey(locked, "open").type).toBe("private");
    expect(() => readSigningKey(locked)).toThrow("IMAGE_BUILDER_KEY_PASSPHRASE is not its passphrase");
    expect(() => readSigningKey(locked, "wrong")).toThrow("is encrypted");
  });

  it("are refused with what is wrong, and never shown", () => {
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" });
    expect(() => readSigningKey(file("p384.pem", p384))).toThrow("is not an ECDSA key on P-256");
    expect(() => readSigningKey(file("pub.pem", p256.publicKey.export({ type: "spki", format: "pem" })))).toThrow(
      "holds no private key",
    );
    expect(() => readSigningKey(file("secret.txt", "hunter2"))).toThrow(
      /^the key .*secret\.txt holds no private key in PEM form$/,
    );
    expect(() => readVerifyingKey(file("rubbish.pem", "hunter2"))).toThrow("holds no public key or certificate");
    expect(() => readVerifyingKey(join(folder, "absent"))).toThrow("cannot be read");
  });

  it("check signatures as public keys, or as the private key itself", () => {
    const pub = readVerifyingKey(file("p.pub", p256.publicKey.export({ type: "spki", format: "pem" })));
    const own = readVerifyingKey(file("p.key", p256.privateKey.export({ type: "pkcs8", format: "pem" })));
    expect(own.equals(pub)).toBe(true);
  });
});
