import { gzipSync } from "node:zlib";
import { canonicalJson } from "../../../src/oci/canonical-json.ts";
import type { ContainerConfig } from "../../../src/oci/config.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { sha256Digest } from "../../../src/oci/digest.ts";
import { mediaTypesOf } from "../../../src/oci/media-types.ts";
import type { Registry } from "../../../src/registry/model.ts";
import { type Item, tarOf } from "../../files/support.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\nidies:x:1000:1001::/home/idies:/bin/sh\n";
const group = "root:x:0:\nidies:x:1001:\nstaff:x:50:\n";

/** Two layers with what makes copying hard: links in the way, folders of others, hard links, attributes. */
export const baseLayers: readonly (readonly Item[])[] = [
  [
    { path: "etc/" },
    { path: "etc/passwd", text: passwd },
    { path: "etc/group", text: group },
    { path: "etc/motd", text: "hello", mode: 0o600, uid: 3 },
    { path: "etc/link-to-motd", type: "symlink", linkname: "motd" },
    { path: "etc/dangling", type: "symlink", linkname: "/var/made" },
    { path: "usr/" },
    { path: "usr/lib/", mode: 0o751 },
    { path: "usr/lib/gone", text: "gone" },
    { path: "lib", type: "symlink", linkname: "usr/lib", mode: 0o777 },
    { path: "abs", type: "symlink", linkname: "/opt/sub", mode: 0o777 },
    { path: "climb", type: "symlink", linkname: "../../usr/../opt", mode: 0o777 },
    { path: "opt/", mode: 0o775, gid: 50 },
    { path: "opt/sub/", mode: 0o700, uid: 1000, gid: 1001 },
    { path: "opt/box/" },
    { path: "var/" },
    { path: "private/", mode: 0o2770, uid: 1000, gid: 50 },
    { path: "private/deep/", mode: 0o700, uid: 4 },
    { path: "private/deep/old", text: "old" },
    { path: "marked/", xattrs: { "user.mark": "yes" } },
    { path: "home/", mode: 0o755 },
    { path: "tmp/", mode: 0o1777 },
    { path: "srv/" },
  ],
  [
    { path: "usr/" },
    { path: "usr/lib/", mode: 0o751 },
    { path: "usr/lib/.wh.gone" },
    { path: "opt/", mode: 0o775, gid: 50 },
    { path: "opt/second", text: "2" },
  ],
];

export const otherLayers: readonly (readonly Item[])[] = [
  [
    { path: "data/", mode: 0o750, uid: 8, gid: 9 },
    { path: "data/file", text: "file", mode: 0o4755, uid: 8, xattrs: { "user.color": "red" } },
    {
      path: "data/hard",
      type: "hardlink",
      linkname: "data/file",
      mode: 0o4755,
      uid: 8,
      xattrs: { "user.color": "red" },
    },
    { path: "data/sub/", mode: 0o711 },
    { path: "data/sub/other", text: "other" },
    { path: "data/link", type: "symlink", linkname: "sub/other", mode: 0o777, uid: 5 },
    { path: "short", type: "symlink", linkname: "data", mode: 0o777 },
  ],
  [
    { path: "data/", mode: 0o750, uid: 8, gid: 9 },
    { path: "data/late", text: "late", uid: 1 },
  ],
];

export const baseConfig: ContainerConfig = {
  Env: ["PATH=/usr/bin:/bin", "FROM_BASE=1", "HOME=/root"],
  Cmd: ["/bin/sh"],
  Labels: { "base.label": "b", "base.other": "o" },
  WorkingDir: "/",
};

/** Puts an image into a registry; returns its reference. `more`: keys of its configuration file, in place of the usual. */
export async function pushImage(
  registry: Registry,
  repository: string,
  tag: string,
  layers: readonly (readonly Item[])[],
  config: ContainerConfig,
  family: "oci" | "docker" = "oci",
  more: object = {},
): Promise<string> {
  const types = mediaTypesOf(family);
  const tars = layers.map(tarOf);
  const blobs = tars.map((tar) => gzipSync(tar));
  const image = {
    architecture: "amd64",
    os: "linux",
    created: "2020-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: tars.map((tar) => sha256Digest(tar)) },
    history: layers.map((_, at) => ({ created: "2020-01-01T00:00:00Z", created_by: `layer ${at}` })),
    ...more,
  };
  const configBytes = canonicalJson(image);
  const descriptors = blobs.map((blob) => describe(types.layerGzip, blob));
  for (const [at, blob] of blobs.entries()) {
    const descriptor = descriptors[at];
    if (descriptor) await registry.repository(repository).blobs.put(descriptor, blob);
  }
  const configDescriptor = describe(types.config, configBytes);
  await registry.repository(repository).blobs.put(configDescriptor, configBytes);
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: configDescriptor,
    layers: descriptors,
  });
  await registry.repository(repository).manifests.put(tag, types.manifest, manifest);
  return `${registry.host}/${repository}:${tag}`;
}

/** Puts an index into a registry, whose entries are images of the same repository by their tags. */
export async function pushIndex(
  registry: Registry,
  repository: string,
  tag: string,
  entries: readonly { readonly tag: string; readonly platform?: object }[],
): Promise<string> {
  const { manifests } = registry.repository(repository);
  const described = await Promise.all(
    entries.map(async (each) => ({
      ...(await manifests.head(each.tag)),
      ...(each.platform && { platform: each.platform }),
    })),
  );
  const mediaType = mediaTypesOf("oci").index;
  await manifests.put(tag, mediaType, canonicalJson({ schemaVersion: 2, mediaType, manifests: described }));
  return `${registry.host}/${repository}:${tag}`;
}

const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: sha256Digest(bytes),
  size: bytes.length,
});
