import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { blobPath } from "../../src/oci/layout.ts";
import { oci } from "../../src/oci/media-types.ts";
import { openLayout } from "../../src/registry/layout.ts";
import { registryContract } from "../contracts/registry.ts";

registryContract("an image layout", async () => {
  const folder = await mkdtemp(join(tmpdir(), "layout-"));
  return {
    registry: await openLayout(join(folder, "new", "layout")),
    blobsHaveRepositories: false,
    stop: () => rm(folder, { recursive: true }),
  };
});

describe("an image layout", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "layout-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const blob = (text: string) => ({ mediaType: oci.layer, digest: sha256Digest(text), size: text.length });

  it("has the files of the specification", async () => {
    const layout = await openLayout(folder);
    await layout.repository("a").blobs.put(blob("{}"), Buffer.from("{}"));
    const bytes = canonicalJson({
      schemaVersion: 2,
      mediaType: oci.manifest,
      config: { ...blob("{}"), mediaType: oci.config },
      layers: [],
    });
    const { digest } = await layout.repository("sci/a").manifests.put("1.0", oci.manifest, bytes);
    expect((await readdir(folder)).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
    expect(JSON.parse(await readFile(join(folder, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(await readFile(join(folder, blobPath(digest)))).toEqual(bytes);
    expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8"))).toEqual({
      schemaVersion: 2,
      mediaType: oci.index,
      manifests: [
        {
          mediaType: oci.manifest,
          digest,
          size: bytes.length,
          annotations: { "org.opencontainers.image.ref.name": "sci/a:1.0" },
        },
      ],
    });
  });

  it("is opened again with what it holds", async () => {
    const first = await openLayout(folder);
    await first.repository("a").blobs.put(blob("kept"), Buffer.from("kept"));
    expect(await (await openLayout(folder)).repository("a").blobs.head(blob("kept").digest)).toBeDefined();
  });

  it("leaves nothing behind when a content is wrong", async () => {
    const layout = await openLayout(folder);
    await expect(layout.repository("a").blobs.put({ ...blob("right"), size: 5 }, Buffer.from("wrong"))).rejects.toThrow(
      "expected sha256:",
    );
    await expect(layout.repository("a").blobs.put(blob("right"), Buffer.from("right and more"))).rejects.toThrow(
      "longer than 5 bytes",
    );
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(await readdir(join(folder, "blobs/sha256"))).toEqual([]);
  });

  it("notices a blob that somebody has changed", async () => {
    const layout = await openLayout(folder);
    await layout.repository("a").blobs.put(blob("right"), Buffer.from("right"));
    await writeFile(join(folder, blobPath(blob("right").digest)), "wrong");
    const read = async (): Promise<string[]> =>
      (await layout.repository("a").blobs.get(blob("right"))).map(String).toArray();
    await expect(read()).rejects.toThrow("found sha256:");
  });

  it("is not made in a folder that holds other things", async () => {
    await writeFile(join(folder, "thesis.txt"), "");
    await expect(openLayout(folder)).rejects.toBeInstanceOf(RefusedError);
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
  });

  it("names the file that cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(openLayout(join(folder, "file", "layout"))).rejects.toThrow(join(folder, "file", "layout"));
  });
});
