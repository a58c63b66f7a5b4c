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

/** What every `Registry` does, whichever way it does it. */
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
      await registry.putBlob(repository, blob, bytes);
      return blob;
    };
    const putImage = async (repository: string, tag: string, label: string): Promise<Descriptor> => {
      const layer = await put(repository, Buffer.from(`layer of ${label}`));
      const config = { ...(await put(repository, Buffer.from(`{"label":"${label}"}`))), mediaType: oci.config };
      return registry.putManifest(repository, tag, oci.manifest, imageManifest(config, [layer]));
    };

    it("keeps a blob byte by byte", async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));
      const blob = await put("a/b", bytes);
      expect((await buffer(await registry.getBlob("a/b", blob))).equals(bytes)).toBe(true);
      expect(await registry.headBlob("a/b", blob.digest)).toMatchObject({ digest: blob.digest, size: bytes.length });
    });

    it("takes a blob from a stream, and an empty one", async () => {
      const bytes = Buffer.from("streamed");
      await registry.putBlob("a/b", describeBlob(bytes), () =>
        Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
      );
      expect(await registry.headBlob("a/b", sha256Digest(bytes))).toBeDefined();
      const empty = await put("a/b", Buffer.alloc(0));
      expect(await buffer(await registry.getBlob("a/b", empty))).toHaveLength(0);
    });

    it("refuses bytes that do not have the stated digest", async () => {
      const blob = { ...describeBlob(Buffer.from("right")), size: 5 };
      await expect(registry.putBlob("a/b", blob, Buffer.from("wrong"))).rejects.toThrow();
      expect(await registry.headBlob("a/b", blob.digest)).toBeUndefined();
    });

    it("says that a blob is not there", async () => {
      const absent = describeBlob(Buffer.from("never stored"));
      expect(await registry.headBlob("a/b", absent.digest)).toBeUndefined();
      await expect(registry.getBlob("a/b", absent)).rejects.toThrow(absent.digest);
    });

    it("mounts a blob from another repository, and says when it cannot", async () => {
      const blob = await put("from/here", Buffer.from("to be mounted"));
      expect(await registry.mountBlob("to/there", blob.digest, "from/here")).toBe(true);
      expect(await registry.headBlob("to/there", blob.digest)).toBeDefined();
      const absent = Buffer.from("not to be mounted");
      expect(await registry.mountBlob("to/there", sha256Digest(absent), "from/here")).toBe(false);
      await put("to/there", absent);
      expect(await registry.headBlob("to/there", sha256Digest(absent))).toBeDefined();
    });

    it("keeps blobs of repositories apart", async () => {
      if (!under.blobsHaveRepositories) return;
      const blob = await put("only/here", Buffer.from("only here"));
      expect(await registry.headBlob("not/there", blob.digest)).toBeUndefined();
    });

    it("gives a manifest back by tag and by digest, with the same bytes", async () => {
      const stored = await putImage("images/one", "1.0", "one");
      for (const target of ["1.0", stored.digest]) {
        const content = await registry.getManifest("images/one", target);
        expect(content?.descriptor).toEqual(stored);
        expect(sha256Digest(content?.bytes ?? Buffer.alloc(0))).toBe(stored.digest);
        expect(await registry.headManifest("images/one", target)).toEqual(stored);
      }
    });

    it("keeps Docker's media types", async () => {
      const config = { ...(await put("images/docker", Buffer.from("{}"))), mediaType: docker.config };
      const bytes = canonicalJson({ schemaVersion: 2, mediaType: docker.manifest, config, layers: [] });
      await registry.putManifest("images/docker", "1.0", docker.manifest, bytes);
      expect((await registry.getManifest("images/docker", "1.0"))?.descriptor.mediaType).toBe(docker.manifest);
    });

    it("keeps an index of images", async () => {
      const image = await putImage("images/index", "amd64", "amd64");
      const entry = { ...image, platform: { os: "linux", architecture: "amd64" } };
      const bytes = canonicalJson({ schemaVersion: 2, mediaType: oci.index, manifests: [entry] });
      const stored = await registry.putManifest("images/index", "all", oci.index, bytes);
      expect(await registry.headManifest("images/index", "all")).toEqual({ ...stored, mediaType: oci.index });
    });

    it("moves a tag, and both manifests stay", async () => {
      const first = await putImage("images/moved", "1.0", "first");
      const second = await putImage("images/moved", "1.0", "second");
      expect((await registry.headManifest("images/moved", "1.0"))?.digest).toBe(second.digest);
      expect(await registry.headManifest("images/moved", first.digest)).toEqual(first);
    });

    it("says that a manifest, a tag or a repository is not there", async () => {
      await putImage("images/one", "1.0", "one");
      expect(await registry.getManifest("images/one", "2.0")).toBeUndefined();
      expect(await registry.headManifest("images/one", sha256Digest("nothing"))).toBeUndefined();
      expect(await registry.headManifest("images/none", "1.0")).toBeUndefined();
      expect(await registry.listTags("images/none")).toEqual([]);
    });

    it("lists the tags of one repository", async () => {
      for (const tag of ["1.0", "1.1", "2.0"]) await putImage("images/tags", tag, "tagged");
      expect([...(await registry.listTags("images/tags"))].sort()).toEqual(["1.0", "1.1", "2.0"]);
    });

    it("deletes a manifest by its digest, and says when there was none", async () => {
      const stored = await putImage("images/deleted", "1.0", "deleted");
      expect(await registry.deleteManifest("images/deleted", stored.digest)).toBe(true);
      expect(await registry.headManifest("images/deleted", stored.digest)).toBeUndefined();
      expect(await registry.deleteManifest("images/deleted", stored.digest)).toBe(false);
    });

    it("lists what was attached to a manifest, also when attached side by side", async () => {
      const subject = await putImage("images/subject", "1.0", "subject");
      expect(await registry.listReferrers("images/subject", subject.digest)).toEqual([]);
      const empty = { ...(await put("images/subject", Buffer.from("{}"))), mediaType: oci.empty };
      const attach = async (artifactType: string, note: string): Promise<Digest> => {
        const bytes = canonicalJson({
          ...JSON.parse(imageManifest(empty, [empty]).toString()),
          artifactType,
          subject,
          annotations: { note },
        });
        return (await registry.putManifest("images/subject", sha256Digest(bytes), oci.manifest, bytes)).digest;
      };
      const [first] = await Promise.all([
        attach("application/a", "1"),
        attach("application/b", "2"),
        attach("application/b", "3"),
      ]);
      expect(await registry.listReferrers("images/subject", subject.digest)).toHaveLength(3);
      const found = await registry.listReferrers("images/subject", subject.digest, "application/a");
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ digest: first, artifactType: "application/a", annotations: { note: "1" } });
      await attach("application/a", "1");
      expect(await registry.listReferrers("images/subject", subject.digest)).toHaveLength(3);
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
