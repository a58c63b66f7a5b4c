// Makes an OCI layout with one image of one gzipped layer, behind an index as Docker Hub serves its base images.
//   node oci-layout.mjs LAYER.tar.gz DIR
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const [layerFile, directory] = process.argv.slice(2);
const platform = { architecture: { x64: "amd64", arm64: "arm64" }[process.arch] ?? process.arch, os: "linux" };

const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

function put(bytes, mediaType) {
  const digest = digestOf(bytes);
  writeFileSync(join(directory, "blobs/sha256", digest.slice(7)), bytes);
  return { mediaType, digest, size: bytes.length };
}

const putJson = (value, mediaType) => put(Buffer.from(JSON.stringify(value)), mediaType);

mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
const layer = readFileSync(layerFile);
const created = new Date().toISOString();
const config = {
  created,
  ...platform,
  config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["bash"] },
  rootfs: { type: "layers", diff_ids: [digestOf(gunzipSync(layer))] },
  history: [{ created, created_by: "debootstrap --variant=minbase" }],
};
const manifest = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: putJson(config, "application/vnd.oci.image.config.v1+json"),
  layers: [put(layer, "application/vnd.oci.image.layer.v1.tar+gzip")],
};
const index = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [{ ...putJson(manifest, manifest.mediaType), platform }],
};
writeFileSync(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
writeFileSync(
  join(directory, "index.json"),
  JSON.stringify({ schemaVersion: 2, manifests: [putJson(index, index.mediaType)] }),
);
