import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDirectory, createIndexCache, type IndexCache } from "../../src/files/cache.ts";
import { type IndexedImage, obtainIndex } from "../../src/files/obtain.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { type Item, indexOf, pathsOf, tarOf } from "./support.ts";

let folder: string;
let cache: IndexCache;
let reads: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "obtain-"));
  cache = createIndexCache(folder);
  reads = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** `size`: what the layers' descriptors say, which decides what is kept. */
function imageOf(
  layers: readonly (readonly Item[])[],
  rest: Partial<Pick<IndexedImage, "attached" | "openBlob">> = {},
  size = 20_000_000,
): IndexedImage {
  const tars = layers.map(tarOf);
  const blobs = new Map(tars.map((tar) => [sha256Digest(gzipSync(tar)), gzipSync(tar)]));
  return {
    name: "example.org/base:1",
    diffIds: tars.map((tar) => sha256Digest(tar)),
    layers: [...blobs.keys()].map((digest) => ({ mediaType: oci.layerGzip, digest, size })),
    openBlob: async ({ digest }) => {
      reads.push(digest);
      return Readable.from([blobs.get(digest)], { objectMode: false });
    },
    attached: async () => undefined,
    ...rest,
  };
}

const first = [{ path: "a" }];
const second = [{ path: "b" }];

describe("the index of an image", () => {
  it("is made by reading each layer once, ever", async () => {
    const image = imageOf([first, second]);
    expect(pathsOf(await obtainIndex(image, cache))).toEqual(["a", "b"]);
    expect(pathsOf(await obtainIndex(image, createIndexCache(folder)))).toEqual(["a", "b"]);
    expect(reads).toHaveLength(2);
  });

  it("shares what images begin with, also side by side", async () => {
    const images = ["x", "y", "z"].map((path) => imageOf([first, second, [{ path }]]));
    await Promise.all(images.map((image) => obtainIndex(image, cache)));
    expect(reads).toHaveLength(2 + 3);
    await obtainIndex(imageOf([first, second, [{ path: "later" }]]), createIndexCache(folder));
    expect(reads).toHaveLength(2 + 4);
  });

  it("is taken from the registry where somebody has attached it", async () => {
    const attached = await indexOf(first, second);
    const image = imageOf([first, second], { attached: async () => attached });
    expect(await obtainIndex(image, cache)).toBe(attached);
    expect(reads).toEqual([]);
  });

  it("is made again when the cache holds rubbish", async () => {
    await obtainIndex(imageOf([first]), cache);
    for (const name of await readdir(join(folder, "files"))) await writeFile(join(folder, "files", name), "rubbish");
    expect(pathsOf(await obtainIndex(imageOf([first]), cache))).toEqual(["a"]);
    expect(reads).toHaveLength(2);
  });

  it("is made without a cache where there can be none", async () => {
    await writeFile(join(folder, "file"), "");
    expect(pathsOf(await obtainIndex(imageOf([first]), createIndexCache(join(folder, "file"))))).toEqual(["a"]);
  });

  it("is refused when a layer is not the one that the config names, or is no archive", async () => {
    const wrong = { ...imageOf([first]), diffIds: [sha256Digest("other")] };
    await expect(obtainIndex(wrong, cache)).rejects.toThrow("not the one");
    const broken = { ...imageOf([first]), openBlob: async () => Readable.from([Buffer.from("rubbish")]) };
    await expect(obtainIndex(broken, cache)).rejects.toThrow("cannot be read");
    await expect(obtainIndex({ ...imageOf([first]), diffIds: [] }, cache)).rejects.toThrow(
      "example.org/base:1 has 1 layers by its manifest and 0 by its config",
    );
  });

  it("is kept where other caches of the user are", () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: "/c", HOME: "/h" })).toBe("/c/image-builder");
    expect(cacheDirectory({ HOME: "/h" })).toBe("/h/.cache/image-builder");
  });
});
