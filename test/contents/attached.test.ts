import { describe, expect, it } from "vitest";
import { mergeFacts } from "../../src/contents/merge.ts";
import { obtainFacts } from "../../src/contents/obtain.ts";
import { listPackages } from "../../src/contents/packages.ts";
import { plainIndex } from "../../src/contents/read-layer.ts";
import { attachFacts, fetchFacts } from "../../src/contents/referrer.ts";
import { fetchIndex } from "../../src/files/referrer.ts";
import { type Item, indexOf } from "../files/support.ts";
import type { MemoryRegistry } from "../support/memory-registry.ts";
import { deb, emptyCache, imageOf } from "./image.ts";

const layers: readonly (readonly Item[])[] = [
  [
    { path: "var/lib/dpkg/status", text: deb(["a", "1"]) },
    { path: "etc/passwd", text: "root:x:0:0::/root:/bin/sh\n" },
    { path: "bin/run", text: "#!/bin/sh\n", mode: 0o755 },
  ],
  [{ path: "bin/link", type: "hardlink", linkname: "bin/run" }, { path: "etc/.wh.group" }],
];

/** The names of what was asked. */
const callsOf = ({ calls }: MemoryRegistry): string[] => calls.map((each) => each.split(" ")[0] ?? "");

async function attached() {
  const made = imageOf(layers);
  const { registry, repository, image } = made;
  const { layers: facts } = await obtainFacts(registry, repository, image, emptyCache());
  const read = facts.filter((each) => "facts" in each);
  await attachFacts(registry, repository, image.descriptor, { index: await plainIndex(read), facts: read });
  registry.calls.length = 0;
  return { ...made, read };
}

describe("facts that are attached to an image", () => {
  it("cost another machine three requests, and no layer", async () => {
    const { registry, repository, image } = await attached();
    const { layers: facts, attached: complete } = await obtainFacts(registry, repository, image, emptyCache());
    expect(callsOf(registry)).toEqual(["listReferrers", "getManifest", "getBlob"]);
    expect(complete).toBe(true);
    expect(listPackages(await mergeFacts(facts, 1e6)).packages.map(({ name }) => name)).toEqual(["a"]);
  });

  it("stand behind an index that is what the layers themselves give", async () => {
    const { registry, repository, image } = await attached();
    const index = await fetchIndex(registry, repository, image.descriptor.digest, image.config.rootfs.diff_ids, 1e6);
    expect(index).toEqual(await indexOf(...layers));
    expect(callsOf(registry)).toEqual(["listReferrers", "getManifest", "getBlob"]);
  });

  it("count for the layers that they are of, and the others are read", async () => {
    const { registry, repository, image, read } = await attached();
    for (const digest of registry.store.repository(repository).manifests.keys())
      registry.store.deleteManifest(repository, digest);
    await attachFacts(registry, repository, image.descriptor, { index: await plainIndex(read), facts: read.slice(1) });
    const cache = emptyCache();
    registry.calls.length = 0;
    const { layers: facts, attached: complete } = await obtainFacts(registry, repository, image, cache);
    expect([facts, complete]).toEqual([read, false]);
    expect(callsOf(registry).filter((call) => call === "getBlob")).toHaveLength(2);
  });

  it("are none where somebody attached something else", async () => {
    const { registry, repository, image, read } = await attached();
    const other = image.config.rootfs.diff_ids.slice(0, 1);
    expect([...(await fetchFacts(registry, repository, image.descriptor.digest, other, 1e6)).values()]).toEqual([
      read[0],
    ]);
    const { blobs } = registry.store.repository(repository);
    for (const [digest, bytes] of blobs) blobs.set(digest, bytes.subarray(0, 20));
    expect((await fetchFacts(registry, repository, image.descriptor.digest, other, 1e6)).size).toBe(0);
  });
});
