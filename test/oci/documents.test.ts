import { describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { parseConfig } from "../../src/oci/config.ts";
import { createHasher, isDigest, parseDigest, sha256Digest } from "../../src/oci/digest.ts";
import { familyOf, formatPlatforms, parseIndex, parseManifest, selectPlatform } from "../../src/oci/manifest.ts";
import { docker, layerCompression, layerTypeIn, mediaTypesOf, oci } from "../../src/oci/media-types.ts";
import { comparePaths, decodePath, printablePath } from "../../src/oci/path-bytes.ts";
import { formatPlatform, parsePlatform } from "../../src/oci/platform.ts";

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const digest = sha256Digest("x");
const descriptor = { mediaType: oci.config, digest, size: 1 };
const failureOf = (action: () => unknown): string => {
  try {
    action();
  } catch (failure) {
    expect(failure).toBeInstanceOf(FailedError);
    return JSON.stringify((failure as FailedError).diagnostics);
  }
  return "no failure";
};

describe("a digest", () => {
  it("is of bytes, at once or as they pass", () => {
    const hasher = createHasher();
    hasher.update(Buffer.from("a"));
    hasher.update(Buffer.from("bc"));
    expect(hasher.end()).toEqual({ digest: sha256Digest("abc"), size: 3 });
    expect(sha256Digest("abc")).toBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("is read only in its one spelling", () => {
    expect(parseDigest(digest)).toBe(digest);
    expect(
      [
        digest.toUpperCase(),
        `${digest}0`,
        digest.slice(0, -1),
        `sha512:${digest.slice(7)}`,
        ` ${digest}`,
        `${digest}\n`,
      ].map(isDigest),
    ).toEqual([false, false, false, false, false, false]);
  });
});

describe("a manifest", () => {
  const manifest = {
    schemaVersion: 2,
    mediaType: oci.manifest,
    config: descriptor,
    layers: [{ ...descriptor, mediaType: oci.layerGzip }],
  };

  it("is read with fields it does not know", () => {
    expect(parseManifest(bytes({ ...manifest, future: 1 }))).toEqual({ ...manifest, future: 1 });
  });

  it("takes the media type it was served as when it names none", () => {
    const { mediaType: _, ...rest } = manifest;
    expect(parseManifest(bytes(rest), docker.manifest).mediaType).toBe(docker.manifest);
    expect(familyOf(parseManifest(bytes(rest), docker.manifest))).toBe("docker");
    expect(familyOf(parseManifest(bytes(rest)))).toBe("oci");
  });

  it("takes null for what is absent, as Go writes it", () => {
    expect(parseManifest(bytes({ ...manifest, annotations: null, subject: null }))).toEqual(manifest);
    expect(parseIndex(bytes({ schemaVersion: 2, manifests: null })).manifests).toEqual([]);
  });

  it.each([
    ["<html>", "is not JSON"],
    ["[]", "Invalid input"],
    [JSON.stringify({ ...manifest, schemaVersion: 1 }), "schemaVersion"],
    [
      JSON.stringify({ ...manifest, layers: [{ ...descriptor, digest: "sha256:../../etc" }] }),
      "layers.0.digest: expected a sha256 digest",
    ],
    [JSON.stringify({ ...manifest, config: { ...descriptor, size: -1 } }), "config.size"],
    [JSON.stringify({ ...manifest, mediaType: oci.index }), "an image manifest was expected"],
  ])("is refused in words: %s", (text, message) => {
    expect(failureOf(() => parseManifest(Buffer.from(text)))).toContain(message);
  });

  it("is not read when it is too large", () => {
    expect(failureOf(() => parseManifest(Buffer.alloc(5 * 1024 * 1024, " ")))).toContain("larger than 4194304 bytes");
  });
});

describe("an index", () => {
  const entry = (architecture: string, variant?: string) => ({
    ...descriptor,
    mediaType: oci.manifest,
    size: variant ? 2 : 1,
    platform: { os: "linux", architecture, variant },
  });
  const index = (...manifests: object[]) => parseIndex(bytes({ schemaVersion: 2, mediaType: oci.index, manifests }));

  it("gives the entry of a platform", () => {
    const all = index(entry("unknown"), entry("arm64", "v8"), entry("amd64"));
    expect(selectPlatform(all, { os: "linux", architecture: "amd64" })?.platform?.architecture).toBe("amd64");
    expect(selectPlatform(all, { os: "linux", architecture: "arm64" })?.platform?.variant).toBe("v8");
    expect(selectPlatform(all, { os: "windows", architecture: "amd64" })).toBeUndefined();
    expect(formatPlatforms(all)).toBe("linux/unknown, linux/arm64/v8, linux/amd64");
  });

  it("prefers the usual variant, then none, then any", () => {
    const arm = { os: "linux", architecture: "arm" };
    expect(selectPlatform(index(entry("arm", "v6"), entry("arm", "v7")), arm)?.platform?.variant).toBe("v7");
    expect(selectPlatform(index(entry("arm", "v6"), entry("arm")), arm)?.platform?.variant).toBeUndefined();
    expect(selectPlatform(index(entry("arm", "v6")), arm)?.platform?.variant).toBe("v6");
    expect(
      selectPlatform(index(entry("arm", "v6"), entry("arm", "v7")), { ...arm, variant: "v6" })?.platform?.variant,
    ).toBe("v6");
  });

  it("has platforms that are written as os/architecture/variant", () => {
    expect(parsePlatform("linux/arm/v6")).toEqual({ os: "linux", architecture: "arm", variant: "v6" });
    for (const text of ["linux/x86_64", "Linux/AMD64", "linux/amd64/v1"])
      expect(parsePlatform(text)).toEqual({ os: "linux", architecture: "amd64" });
    expect(parsePlatform("linux/arm64/v8")).toEqual({ os: "linux", architecture: "arm64" });
    expect(formatPlatform({ os: "linux", architecture: "amd64" })).toBe("linux/amd64");
    expect(["linux", "linux/", "linux/amd64/", "a/b/c/d", "a b/c"].map(parsePlatform)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a config", () => {
  it("is read with what Docker adds, and null is absent", () => {
    const config = parseConfig(
      bytes({
        architecture: "amd64",
        os: "linux",
        docker_version: "20",
        config: {
          Env: ["A=b"],
          Cmd: null,
          Labels: null,
          ExposedPorts: { "80/tcp": {} },
          Image: "sha256:x",
          Healthcheck: { Test: ["NONE"] },
        },
        rootfs: { type: "layers", diff_ids: [digest] },
        history: [{ created_by: "x", empty_layer: true }],
      }),
    );
    expect(config).toMatchObject({
      docker_version: "20",
      config: { Env: ["A=b"], ExposedPorts: { "80/tcp": {} }, Image: "sha256:x" },
    });
    expect(config.config?.Cmd).toBeUndefined();
    expect(config.rootfs.diff_ids).toEqual([digest]);
  });

  it("is refused when its layers are not digests", () => {
    expect(
      failureOf(() => parseConfig(bytes({ architecture: "a", os: "b", rootfs: { type: "layers", diff_ids: ["x"] } }))),
    ).toContain("rootfs.diff_ids.0");
  });

  it("keeps a label that is called like a property of objects", () => {
    const config = parseConfig(
      Buffer.from(
        '{"architecture":"a","os":"b","config":{"Labels":{"constructor":"x","toString":"y"}},"rootfs":{"type":"layers","diff_ids":[]}}',
      ),
    );
    expect(config.config?.Labels).toEqual({ constructor: "x", toString: "y" });
  });
});

describe("a document made here", () => {
  it("has the same bytes whatever the order of its keys", () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: "ä" }).toString()).toBe('{"a":"ä","b":[{"d":1}]}');
  });
});

describe("media types", () => {
  it("are of one family each", () => {
    expect(mediaTypesOf("docker")).toEqual({
      manifest: docker.manifest,
      index: docker.index,
      config: docker.config,
      layer: docker.layer,
      layerGzip: docker.layerGzip,
    });
    expect(layerTypeIn("oci", docker.layerGzip)).toBe(oci.layerGzip);
    expect(layerTypeIn("docker", oci.layer)).toBe(docker.layer);
    expect(layerTypeIn("docker", oci.layerZstd)).toBeUndefined();
    expect(layerTypeIn("oci", "text/plain")).toBeUndefined();
  });

  it("say how a layer is compressed", () => {
    const types = [
      oci.layer,
      docker.layerGzip,
      oci.layerZstd,
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      "text/plain",
    ];
    expect(types.map(layerCompression)).toEqual(["none", "gzip", "zstd", "gzip", undefined]);
  });
});

describe("paths", () => {
  it("are ordered by their bytes", () => {
    const paths = ["\u{1F600}", "\uff00", "b", decodePath(Buffer.from([0xff])), "a/b", "a", "a.b"];
    expect(paths.sort(comparePaths)).toEqual(["a", "a.b", "a/b", "b", "\uff00", "\u{1F600}", "\udcff"]);
  });

  it("are printed without control characters", () => {
    expect(printablePath(decodePath(Buffer.from("a\\b\n\x1b[31m\xff\xe4", "latin1")))).toBe(
      "a\\\\b\\x0a\\x1b[31m\\xff\\xe4",
    );
    expect(printablePath("größe.txt")).toBe("größe.txt");
  });
});

describe("JSON from outside", () => {
  it("is refused where it nests deeper than anybody needs, before it is read", () => {
    const deep = "[".repeat(1_000_000);
    const config = `{"architecture":"a","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"x":`;
    expect(failureOf(() => parseConfig(Buffer.from(`${config}${deep}${"]".repeat(1_000_000)}}`)))).toContain(
      "nests more than",
    );
    expect(failureOf(() => parseManifest(Buffer.from(deep)))).toContain("nests more than");
  });

  it("may hold brackets in its texts", () => {
    const config = {
      architecture: "a",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [] },
      x: `"\\${"[{".repeat(500)}`,
    };
    expect(parseConfig(bytes(config))).toEqual(config);
  });
});
