import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { type Family, mediaTypesOf } from "../../src/oci/media-types.ts";
import { encodeTarHeader, tarEnd } from "../../src/oci/tar.ts";
import { readImage } from "../../src/registry/image.ts";
import { openLayout } from "../../src/registry/layout.ts";
import type { Registry } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { startRegistry } from "../support/registry.ts";

const platform = { os: "linux", architecture: "amd64" };
const skopeo = async (...args: string[]): Promise<string> => (await promisify(execFile)("skopeo", args)).stdout;

async function putImage(registry: Registry, repository: string, tag: string, family: Family): Promise<string> {
  const types = mediaTypesOf(family);
  const put = async (mediaType: string, bytes: Buffer) => {
    const blob = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    await registry.repository(repository).blobs.put(blob, bytes);
    return blob;
  };
  const tar = Buffer.concat([
    encodeTarHeader({ type: "file", path: "hello", mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 }),
    tarEnd(),
  ]);
  const layer = await put(types.layerGzip, gzipSync(tar));
  const rootfs = { type: "layers", diff_ids: [sha256Digest(tar)] };
  const config = await put(types.config, canonicalJson({ ...platform, config: { Labels: { family } }, rootfs }));
  const bytes = canonicalJson({ schemaVersion: 2, mediaType: types.manifest, config, layers: [layer] });
  return (await registry.repository(repository).manifests.put(tag, types.manifest, bytes)).digest;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skopeo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function registryOnLoopback(): Promise<Registry> {
  const server = await startRegistry();
  const registries = createRegistries({ environment: {} });
  onTestFinished(async () => {
    await registries.close();
    await server.stop();
  });
  return registries.registryFor(server.host);
}

describe("skopeo", () => {
  it("reads images of several repositories from a layout made here", async () => {
    const folder = temporaryFolder();
    const layout = await openLayout(folder);
    for (const repository of ["images/sci/essentials", "images/rel/essentials"]) {
      const digest = await putImage(layout, repository, "2.4-32-dk8912n", "oci");
      const inspected = JSON.parse(await skopeo("inspect", `oci:${folder}:${repository}:2.4-32-dk8912n`));
      expect(inspected).toMatchObject({ Digest: digest, Labels: { family: "oci" }, Architecture: "amd64" });
    }
  });

  it.each(["oci", "docker"] as const)("reads and copies what was pushed in %s media types", async (family) => {
    const registry = await registryOnLoopback();
    const digest = await putImage(registry, "a/b", "1.0", family);
    expect(
      JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${registry.host}/a/b:1.0`)),
    ).toMatchObject({ Digest: digest });
    const folder = temporaryFolder();
    await skopeo(
      "--insecure-policy",
      "copy",
      "--src-tls-verify=false",
      `docker://${registry.host}/a/b:1.0`,
      `dir:${folder}`,
    );
  });

  it("writes a layout and a registry that are read here", async () => {
    const registry = await registryOnLoopback();
    const folder = temporaryFolder();
    await putImage(registry, "a/b", "1.0", "docker");
    await skopeo(
      "--insecure-policy",
      "copy",
      "--src-tls-verify=false",
      `docker://${registry.host}/a/b:1.0`,
      `oci:${folder}:copied:1.0`,
    );
    expect(
      (await readImage((await openLayout(folder)).repository("copied"), "1.0", platform))?.config.config?.Labels,
    ).toEqual({
      family: "docker",
    });
    await skopeo(
      "--insecure-policy",
      "copy",
      "--dest-tls-verify=false",
      `oci:${folder}:copied:1.0`,
      `docker://${registry.host}/c/d:2.0`,
    );
    expect((await readImage(registry.repository("c/d"), "2.0", platform))?.manifest.layers).toHaveLength(1);
  });
});
