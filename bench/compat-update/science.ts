import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { mediaTypesOf } from "../../src/oci/media-types.ts";
import { encodeTarHeader, tarEnd, tarPadding } from "../../src/oci/tar.ts";
import { mapBounded } from "../../src/registry/limiter.ts";
import type { Registry } from "../../src/registry/model.ts";

const types = mediaTypesOf("oci");

interface Layer {
  readonly blob: Descriptor;
  readonly diffId: Digest;
}

/** Publishes science images of 40 %, 40 % and 20 % of `size` bytes that cannot be compressed. The first two layers are shared and the own one is a megabyte at most, to spare the disk: what is measured reads none. */
export async function publishScience(registry: Registry, repo: string, names: readonly string[], size: number) {
  const shared = [
    await pushLayer(registry, repo, names, size * 0.4, "a"),
    await pushLayer(registry, repo, names, size * 0.4, "b"),
  ];
  await mapBounded(names, 8, async (name) => {
    const own = await pushLayer(registry, repo, [name], Math.min(size * 0.2, 1_000_000), `own-${name}`);
    await pushManifest(registry, `${repo}/sci/${name}`, name, [...shared, own]);
  });
}

/** A layer of system folders and one file of random bytes, in each of these repositories. */
async function pushLayer(
  registry: Registry,
  repo: string,
  names: readonly string[],
  size: number,
  file: string,
): Promise<Layer> {
  const bytes = randomBytes(Math.max(1, Math.round(size)));
  const folders = ["etc", "opt", "usr", "usr/lib"].map((path) => entry(path, "directory", 0));
  const tar = [...folders, entry(`usr/lib/${file}`, "file", bytes.length), bytes, tarPadding(bytes.length), tarEnd()];
  const hash = createHash("sha256");
  for (const part of tar) hash.update(part);
  const parts: Buffer[] = [];
  for await (const part of Readable.from(tar).pipe(createGzip({ level: 0 }))) parts.push(part as Buffer);
  const zipped = Buffer.concat(parts);
  const blob = { mediaType: types.layerGzip, digest: sha256Digest(zipped), size: zipped.length };
  const [first = "", ...others] = names;
  await registry.repository(`${repo}/sci/${first}`).blobs.put(blob, zipped);
  await mapBounded(others, 8, (name) =>
    registry.repository(`${repo}/sci/${name}`).blobs.mount(blob.digest, `${repo}/sci/${first}`),
  );
  return { blob, diffId: `sha256:${hash.digest("hex")}` as Digest };
}

const entry = (path: string, type: "file" | "directory", size: number): Buffer =>
  encodeTarHeader({ path, type, size, mode: 0o755, uid: 0, gid: 0, mtime: 0 });

const uniqueTag = "1.0-1-0123abc";

async function pushManifest(
  registry: Registry,
  repository: string,
  name: string,
  layers: readonly Layer[],
): Promise<void> {
  const labels = {
    [`org.sciserver.science.${name}.version`]: uniqueTag,
    [`org.sciserver.science.${name}.buildtime`]: "1",
  };
  const config = canonicalJson({
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/usr/bin:/bin"], Labels: labels },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const descriptor = { mediaType: types.config, digest: sha256Digest(config), size: config.length };
  await registry.repository(repository).blobs.put(descriptor, config);
  const blobs = layers.map(({ blob }) => blob);
  const manifest = canonicalJson({ schemaVersion: 2, mediaType: types.manifest, config: descriptor, layers: blobs });
  await registry.repository(repository).manifests.put(uniqueTag, types.manifest, manifest);
  await registry.repository(repository).manifests.put("1.0", types.manifest, manifest);
}
