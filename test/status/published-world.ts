import { composeBuilds, contextDirectories } from "../../src/compose/compose.ts";
import { readyLabels } from "../../src/compose/labels.ts";
import type { ImageBuild, Pin, TemplateBase } from "../../src/compose/model.ts";
import { readContexts } from "../../src/engines/context.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { parseReferenceOrThrow } from "../../src/oci/reference.ts";
import { readImage } from "../../src/registry/image.ts";
import type { Registries } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type PlanAtOptions, planAt } from "../support/plan-at.ts";

export type Labels = Readonly<Record<string, string>>;

export interface PublishOptions extends PlanAtOptions {
  /** Stops after so many builds and moves no stable tag, as a killed run does. */
  readonly killAfter?: number;
  /** Leaves out these builds and moves the stable tags of the others, as --keep-going does. */
  readonly failing?: readonly string[];
  /** As the original tool: only versions and times. */
  readonly original?: boolean;
  /** Seconds since the epoch. */
  readonly time?: number;
  /** Bases of others that the registry really has, by target; the others are taken for granted. */
  readonly externalBases?: Readonly<Record<string, string>>;
}

/** Makes images without an engine: each build of a plan becomes a config with the labels of a real one, and a layer of its own. */
export class PublishedWorld {
  readonly registries: Registries = createRegistries();
  readonly root: string;
  readonly repo: string;
  #time = 1_700_000_000;

  constructor(root: string, repo: string) {
    this.root = root;
    this.repo = repo;
  }

  options(rest: PlanAtOptions = {}): PlanAtOptions {
    return { root: this.root, settings: { repo: this.repo }, ...rest };
  }

  /** Plans and publishes; returns the ids of what was built. */
  async publish({
    killAfter,
    failing = [],
    original = false,
    time,
    externalBases = {},
    ...rest
  }: PublishOptions = {}): Promise<string[]> {
    const { plan, catalogue, changes } = await planAt(this.options(rest));
    const contexts = await readContexts(catalogue.root, contextDirectories(plan, catalogue), changes);
    const builds = composeBuilds(plan, catalogue, contexts);
    const failed = new Set(failing);
    const done: ImageBuild[] = [];
    for (const build of builds) {
      if (done.length === killAfter) return done.map(({ id }) => id);
      if (build.dependsOn.some((id) => failed.has(id))) failed.add(build.id);
      if (failed.has(build.id)) continue;
      await this.#build(build, builds, { original, externalBases, time: time ?? (this.#time += 60) });
      done.push(build);
    }
    for (const { tags } of done) await this.copyTag(tags[0], tags[1]);
    return done.map(({ id }) => id);
  }

  async copyTag(from: string, to: string): Promise<void> {
    const source = parseReferenceOrThrow(from);
    const registry = this.registries.registryFor(source.registry);
    const content = await registry.repository(source.repository).manifests.get(source.digest ?? source.tag ?? "");
    const target = parseReferenceOrThrow(to);
    if (!content) throw new Error(`no ${from}`);
    await registry
      .repository(target.repository)
      .manifests.put(target.tag ?? "", content.descriptor.mediaType, content.bytes);
  }

  /** An image of one more layer on a base, with exactly these labels. */
  async push(reference: string, labels: Labels, base?: string): Promise<Digest> {
    const { registry: host, repository, tag = "" } = parseReferenceOrThrow(reference);
    const registry = this.registries.registryFor(host);
    const below = base === undefined ? undefined : await this.#read(base);
    const layer = Buffer.from(`layer of ${reference} ${JSON.stringify(labels)}`);
    const descriptor = { mediaType: oci.layer, digest: sha256Digest(layer), size: layer.length };
    await registry.repository(repository).blobs.put(descriptor, layer);
    for (const each of below?.manifest.layers ?? [])
      await registry.repository(repository).blobs.mount(each.digest, parseReferenceOrThrow(base ?? "").repository);
    const config = {
      architecture: "amd64",
      os: "linux",
      created: new Date(this.#time * 1000).toISOString(),
      config: { Labels: labels },
      rootfs: { type: "layers", diff_ids: [...(below?.config.rootfs.diff_ids ?? []), descriptor.digest] },
    };
    const bytes = Buffer.from(JSON.stringify(config));
    const configDescriptor = { mediaType: oci.config, digest: sha256Digest(bytes), size: bytes.length };
    await registry.repository(repository).blobs.put(configDescriptor, bytes);
    const layers = [...(below?.manifest.layers ?? []), descriptor];
    const manifest = { schemaVersion: 2, mediaType: oci.manifest, config: configDescriptor, layers };
    const stored = await registry
      .repository(repository)
      .manifests.put(tag, oci.manifest, Buffer.from(JSON.stringify(manifest)));
    return stored.digest;
  }

  async labels(reference: string): Promise<Labels> {
    return (await this.#read(reference))?.config.config?.Labels ?? {};
  }

  async digest(reference: string): Promise<Digest | undefined> {
    return (await this.#read(reference))?.named.digest;
  }

  close(): Promise<void> {
    return this.registries.close();
  }

  async #build(
    build: ImageBuild,
    builds: readonly ImageBuild[],
    how: { original: boolean; time: number; externalBases: Readonly<Record<string, string>> },
  ): Promise<void> {
    const final = build.dockerfile.references.find((each) => each.final)?.base;
    const base = how.externalBases[build.id.replace("science/", "")] ?? (final && this.#baseReference(final, builds));
    const digest = base && (await this.digest(base));
    const others = `${this.repo.split("/")[0]}/others/debian:bookworm-slim`;
    const pin: Pin = digest
      ? { name: base, reference: `${base}@${digest}`, digest }
      : { name: others, reference: `${others}@${debian}`, digest: debian };
    const own = readyLabels(build, how.time, pin);
    const labels = { ...(digest ? await this.labels(base) : {}), ...(how.original ? originalOnes(own) : own) };
    await this.push(build.tags[0], labels, digest ? base : undefined);
  }

  #baseReference(base: TemplateBase, builds: readonly ImageBuild[]): string | undefined {
    if (base.kind === "built") return builds.find(({ id }) => id === base.id)?.tags[0];
    if (base.source.kind === "parent") return `${this.repo}/sci/${base.source.target}:${base.source.version}`;
    if (base.source.kind !== "pinned") return undefined;
    return `${this.repo}/sci/${base.source.target}${base.source.digest ? `@${base.source.digest}` : `:${base.source.tag}`}`;
  }

  async #read(text: string) {
    const reference = parseReferenceOrThrow(text);
    const registry = this.registries.registryFor(reference.registry);
    const target = reference.digest ?? reference.tag ?? "";
    return readImage(registry.repository(reference.repository), target, { os: "linux", architecture: "amd64" });
  }
}

export const debian = sha256Digest("debian");

const originalOnes = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => /^org\.sciserver\..*\.(version|buildtime)$/.test(key)));
