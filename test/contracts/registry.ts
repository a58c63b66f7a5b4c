import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { docker, oci } from "../../src/oci/media-types.ts";
import type { Registry } from "../../src/registry/model.ts";

export interface RegistryUnderTest {
  readonly registry: Registry;
  /** False for what keeps all blobs in one place, whatever the repository. */
  readonly blobsHaveRepositories: boolean;
  stop(): Promise<void>;
}

/** What every `Registry` and its repositories do, in whichever way, and whatever is wrapped around their roles. */
export function registryContract(name: string, start: () => Promise<RegistryUnderTest>): void {
  describe(`a registry: ${name}`, () => {
    let under: RegistryUnderTest;
    let registry: Registry;
    beforeAll(async () => {
      under = await start();
      registry = under.registry;
    });
    afterAll(() => under?.stop());

    const put = async (repository: string, bytes: Buffer): Promise<Descriptor> => {
      const blob = describeBlob(bytes);
      await registry.repository(repository).blobs.put(blob, bytes);
      return blob;
    };
    const putImage = async (repository: string, tag: string, label: string): Promise<Descriptor> => {
      const layer = await put(repository, Buffer.from(`layer of ${label}`));
      const config = { ...(await put(repository, Buffer.from(`{"label":"${label}"}`))), mediaType: oci.config };
      return registry.repository(repository).manifests.put(tag, oci.manifest, imageManifest(config, [layer]));
    };

    it("keeps a blob byte by byte", async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));
      const blob = await put("a/b", bytes);
      expect((await buffer(await registry.repository("a/b").blobs.get(blob))).equals(bytes)).toBe(true);
      expect(await registry.repository("a/b").blobs.head(blob.digest)).toMatchObject({
        digest: blob.digest,
        size: bytes.length,
      });
    });

    it("takes a blob from a stream, and an empty one", async () => {
      const bytes = Buffer.from("streamed");
      await registry
        .repository("a/b")
        .blobs.put(describeBlob(bytes), () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]));
      expect(await registry.repository("a/b").blobs.head(sha256Digest(bytes))).toBeDefined();
      const empty = await put("a/b", Buffer.alloc(0));
      expect(await buffer(await registry.repository("a/b").blobs.get(empty))).toHaveLength(0);
    });

    it("refuses bytes that do not have the stated digest", async () => {
      const blob = { ...describeBlob(Buffer.from("right")), size: 5 };
      await expect(registry.repository("a/b").blobs.put(blob, Buffer.from("wrong"))).rejects.toThrow();
      expect(await registry.repository("a/b").blobs.head(blob.digest)).toBeUndefined();
    });

    it("says that a blob is not there", async () => {
      const absent = describeBlob(Buffer.from("never stored"));
      expect(await registry.repository("a/b").blobs.head(absent.digest)).toBeUndefined();
      await expect(registry.repository("a/b").blobs.get(absent)).rejects.toThrow(absent.digest);
    });

    it("mounts a blob from another repository, and says when it cannot", async () => {
      const blob = await put("from/here", Buffer.from("to be mounted"));
      expect(await registry.repository("to/there").blobs.mount(blob.digest, "from/here")).toBe(true);
      expect(await registry.repository("to/there").blobs.head(blob.digest)).toBeDefined();
      const absent = Buffer.from("not to be mounted");
      expect(await registry.repository("to/there").blobs.mount(sha256Digest(absent), "from/here")).toBe(false);
      await put("to/there", absent);
      expect(await registry.repository("to/there").blobs.head(sha256Digest(absent))).toBeDefined();
    });

    it("keeps blobs of repositories apart", async () => {
      if (!under.blobsHaveRepositories) return;
      const blob = await put("only/here", Buffer.from("only here"));
      expect(await registry.repository("not/there").blobs.head(blob.digest)).toBeUndefined();
    });

    it("gives a manifest back by tag and by digest, with the same bytes", async () => {
      const stored = await putImage("images/one", "1.0", "one");
      for (const target of ["1.0", stored.digest]) {
        const content = await registry.repository("images/one").manifests.get(target);
        expect(content?.descriptor).toEqual(stored);
        expect(sha256Digest(content?.bytes ?? Buffer.alloc(0))).toBe(stored.digest);
        expect(await registry.repository("images/one").manifests.head(target)).toEqual(stored);
      }
    });

    it("keeps Docker's media types", async () => {
      const config = { ...(await put("images/docker", Buffer.from("{}"))), mediaType: docker.config };
      const bytes = canonicalJson({ schemaVersion: 2, mediaType: docker.manifest, config, layers: [] });
      await registry.repository("images/docker").manifests.put("1.0", docker.manifest, bytes);
      expect((await registry.repository("images/docker").manifests.get("1.0"))?.descriptor.mediaType).toBe(
        docker.manifest,
      );
    });

    it("keeps an index of images", async () => {
      const image = await putImage("images/index", "amd64", "amd64");
      const entry = { ...image, platform: { os: "linux", architecture: "amd64" } };
      const bytes = canonicalJson({ schemaVersion: 2, mediaType: oci.index, manifests: [entry] });
      const stored = await registry.repository("images/index").manifests.put("all", oci.index, bytes);
      expect(await registry.repository("images/index").manifests.head("all")).toEqual({
        ...stored,
        mediaType: oci.index,
      });
    });

    it("moves a tag, and both manifests stay", async () => {
      const first = await putImage("images/moved", "1.0", "first");
      const second = await putImage("images/moved", "1.0", "second");
      expect((await registry.repository("images/moved").manifests.head("1.0"))?.digest).toBe(second.digest);
      expect(await registry.repository("images/moved").manifests.head(first.digest)).toEqual(first);
    });

    it("says that a manifest, a tag or a repository is not there", async () => {
      await putImage("images/one", "1.0", "one");
      expect(await registry.repository("images/one").manifests.get("2.0")).toBeUndefined();
      expect(await registry.repository("images/one").manifests.head(sha256Digest("nothing"))).toBeUndefined();
      expect(await registry.repository("images/none").manifests.head("1.0")).toBeUndefined();
      expect(await registry.repository("images/none").listings.tags()).toEqual([]);
    });

    it("lists the tags of one repository", async () => {
      for (const tag of ["1.0", "1.1", "2.0"]) await putImage("images/tags", tag, "tagged");
      expect([...(await registry.repository("images/tags").listings.tags())].sort()).toEqual(["1.0", "1.1", "2.0"]);
    });

    it("deletes a manifest by its digest, and says when there was none", async () => {
      const stored = await putImage("images/deleted", "1.0", "deleted");
      expect(await registry.repository("images/deleted").manifests.delete(stored.digest)).toBe(true);
      expect(await registry.repository("images/deleted").manifests.head(stored.digest)).toBeUndefined();
      expect(await registry.repository("images/deleted").manifests.delete(stored.digest)).toBe(false);
    });

    it("lists what was attached to a manifest, also when attached side by side", async () => {
      const subject = await putImage("images/subject", "1.0", "subject");
      expect(await registry.repository("images/subject").listings.referrers(subject.digest)).toEqual([]);
      const empty = { ...(await put("images/subject", Buffer.from("{}"))), mediaType: oci.empty };
      const attach = async (artifactType: string, note: string): Promise<Digest> => {
        const bytes = canonicalJson({
          ...JSON.parse(imageManifest(empty, [empty]).toString()),
          artifactType,
          subject,
          annotations: { note },
        });
        return (await registry.repository("images/subject").manifests.put(sha256Digest(bytes), oci.manifest, bytes))
          .digest;
      };
      const [first] = await Promise.all([
        attach("application/a", "1"),
        attach("application/b", "2"),
        attach("application/b", "3"),
      ]);
      expect(await registry.repository("images/subject").listings.referrers(subject.digest)).toHaveLength(3);
      const found = await registry.repository("images/subject").listings.referrers(subject.digest, "application/a");
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ digest: first, artifactType: "application/a", annotations: { note: "1" } });
      await attach("application/a", "1");
      expect(await registry.repository("images/subject").listings.referrers(subject.digest)).toHaveLength(3);
    });
  });
}

const describeBlob = (bytes: Buffer): Descriptor => ({
  mediaType: oci.layer,
  digest: sha256Digest(bytes),
  size: bytes.length,
});

const imageManifest = (config: Descriptor, layers: readonly Descriptor[]): Buffer =>
  canonicalJson({ schemaVersion: 2, mediaType: oci.manifest, config, layers });
