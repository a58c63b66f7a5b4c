import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { BuildResult } from "../../src/engines/run-model.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Plan } from "../../src/plan/model.ts";
import { readJournals } from "../../src/publish/journal.ts";
import { type PublishOptions, publishStable } from "../../src/publish/publish-stable.ts";
import { digestOf, tagPlace } from "../../src/publish/tags.ts";
import type { Registries } from "../../src/registry/model.ts";
import { compatBuild, plan, repo, scienceBuild } from "../compose/world.ts";
import { memoryRegistries } from "../support/memory-registry.ts";

/** A plan of these image-versions, a science and a compat build each. */
export const planOf = (...images: readonly string[]): Plan =>
  plan(
    ...images.flatMap((image) => [
      scienceBuild(image),
      compatBuild(image, ["jupyter"], { dependsOn: [`science/${image}`] }),
    ]),
  );

/** The same with further tags of the users' images. */
export const planWithTags = (tags: readonly string[], ...images: readonly string[]): Plan => {
  const { builds, ...rest } = planOf(...images);
  const tagged = builds.map((each) =>
    each.kind === "compat"
      ? {
          ...each,
          tags: [each.tags[0], each.tags[1], ...tags.map((tag) => `${repo}/rel/${each.image}:${tag}`)] as const,
        }
      : each,
  );
  return { ...rest, builds: tagged };
};

/** Publishes an image without layers under a reference, told from others by a label, or by annotations of its manifest. */
export async function putImage(
  registries: Registries,
  reference: string,
  labels: Readonly<Record<string, string>>,
  annotations?: Readonly<Record<string, string>>,
): Promise<Digest> {
  const { repository, target: tag } = tagPlace(registries, reference);
  const bytes = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: labels },
      rootfs: { type: "layers", diff_ids: [] },
    }),
  );
  const config = { mediaType: oci.config, digest: sha256Digest(bytes), size: bytes.length };
  await repository.blobs.put(config, bytes);
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: oci.manifest, config, layers: [], annotations }),
  );
  return (await repository.manifests.put(tag, oci.manifest, manifest)).digest;
}

/** A registry in which every image of a plan is published under its unique tag, and older ones under the stable tags. */
export async function published(of: Plan, registries: Registries = memoryRegistries(), hasOlder = true) {
  const folder = mkdtempSync(join(tmpdir(), "publish-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const built = new Map<string, Digest>();
  const stable = new Map<string, Digest>();
  for (const { id, tags } of of.builds) {
    built.set(id, await putImage(registries, tags[0], { new: id }));
    if (!hasOlder) continue;
    for (const tag of tags.slice(1)) stable.set(id, await putImage(registries, tag, { old: id }));
  }
  const byReference = () =>
    new Map(
      of.builds.flatMap(({ id, tags }) => {
        const digest = stable.get(id);
        return digest === undefined ? [] : tags.slice(1).map((tag) => [tag, digest] as const);
      }),
    );
  const results = of.builds.map(({ id, tags }): BuildResult => {
    const manifest = built.get(id);
    if (!manifest) throw new Error(id);
    const image = { id, reference: tags[0], config: sha256Digest(id), manifest };
    return { id, outcome: "done", image, seconds: 1, log: "" };
  });
  const tag = (name: string): Promise<Digest | undefined> => digestOf(tagPlace(registries, `${repo}/${name}`));
  return {
    folder,
    registries,
    built,
    stable,
    results,
    tag,
    /** Of each stable tag, and of those that move with it: `new`, `old`, `none` or `other`. */
    async state(): Promise<Record<string, string>> {
      const all = of.builds.flatMap(({ id, tags }) => tags.slice(1).map((tag) => ({ id, tag })));
      const entries = all.map(async ({ id, tag: reference }) => {
        const now = await digestOf(tagPlace(registries, reference));
        const word =
          now === undefined ? "none" : now === built.get(id) ? "new" : now === stable.get(id) ? "old" : "other";
        return [reference.slice(repo.length + 1), word] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    },
    publish: (options: Partial<PublishOptions> = {}, given: readonly BuildResult[] = results) =>
      publishStable(
        of,
        given,
        { stable: byReference() },
        {
          registries,
          folder,
          signal: new AbortController().signal,
          run: "run-1",
          started: "2026-11-22T10:00:00Z",
          keepGoing: false,
          ...options,
        },
      ),
    journals: () => readJournals(folder),
  };
}
