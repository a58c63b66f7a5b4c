import { openLayer } from "../../../src/files/decompress.ts";
import { contentPlace } from "../../../src/files/entry.ts";
import { emptyIndex } from "../../../src/files/index.ts";
import { Budget } from "../../../src/files/limits.ts";
import { readListing } from "../../../src/files/listing.ts";
import { addLayer } from "../../../src/files/merge.ts";
import type { ImageConfig } from "../../../src/oci/config.ts";
import { sha256Digest } from "../../../src/oci/digest.ts";
import type { ImageManifest } from "../../../src/oci/manifest.ts";
import { manifestTarget, parseReferenceOrThrow } from "../../../src/oci/reference.ts";
import { cleanEntryPath, readTar } from "../../../src/oci/tar.ts";
import { readImage } from "../../../src/registry/image.ts";
import type { Registry } from "../../../src/registry/model.ts";
import { chunks } from "../../files/support.ts";

export interface FlatImage {
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** By path: type, mode, owner, link, attributes, digest of the content, and the names it shares its content with. */
  readonly files: Readonly<Record<string, string>>;
  /** By path; seconds since the epoch. */
  readonly times: Readonly<Record<string, number>>;
}

/** Everything that a container of an image would see, and its config. */
export async function flatten(registry: Registry, reference: string): Promise<FlatImage> {
  const parsed = parseReferenceOrThrow(reference);
  const platform = { os: "linux", architecture: "amd64" };
  const image = await readImage(registry.repository(parsed.repository), manifestTarget(parsed), platform);
  if (!image) throw new Error(`no ${reference}`);
  let index = emptyIndex();
  const digests = new Map<string, string>();
  for (const [number, layer] of image.manifest.layers.entries()) {
    const parts: Buffer[] = [];
    const blob = await registry.repository(parsed.repository).blobs.get(layer);
    for await (const part of openLayer(layer, blob)) parts.push(part);
    const tar = Buffer.concat(parts);
    for await (const { entry, body } of readTar(chunks(tar, 65536))) {
      const content: Buffer[] = [];
      for await (const part of body) content.push(Buffer.from(part));
      digests.set(`${number}/${cleanEntryPath(entry.path)}`, sha256Digest(Buffer.concat(content)));
    }
    const diffId = sha256Digest(tar);
    if (diffId !== image.config.rootfs.diff_ids[number]) throw new Error(`layer ${number} has another diff id`);
    const budget = new Budget(tar.length);
    index = await addLayer(index, diffId, await readListing(chunks(tar, 65536), budget), budget);
  }
  const groups = new Map<string, string[]>();
  const key = (entry: Parameters<typeof contentPlace>[0]): string => {
    const place = contentPlace(entry);
    return `${place.layer}/${place.path}`;
  };
  for (const entry of index.under(""))
    if (entry.type === "file") groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry.path]);
  const files: Record<string, string> = {};
  const times: Record<string, number> = {};
  for (const entry of index.under("")) {
    const { type, mode, uid, gid, link, xattrs, device } = entry;
    const names = entry.type === "file" ? (groups.get(key(entry)) ?? []) : [];
    const links = names.length > 1 ? { links: names.join(" ") } : {};
    const content = entry.type === "file" ? digests.get(key(entry)) : undefined;
    const shownMode = entry.type === "symlink" ? undefined : mode.toString(8);
    times[entry.path] = entry.mtime;
    files[entry.path] = JSON.stringify({ type, mode: shownMode, uid, gid, link, device, xattrs, content, ...links });
  }
  return { manifest: image.manifest, config: image.config, files, times };
}
