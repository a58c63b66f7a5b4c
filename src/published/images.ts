import { parseConfig } from "../oci/config.ts";
import type { Digest } from "../oci/digest.ts";
import { parseIndex, parseManifest } from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-types.ts";
import { type Platform } from "../oci/platform.ts";
import { formatReference, manifestTarget, type Reference } from "../oci/reference.ts";
import { documentLimit } from "../oci/untrusted.ts";
import { Host } from "../registry/host.ts";
import { readBlob, readImage } from "../registry/image.ts";
import { locate } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";
import { type PublishedImage, publishedImage, readPublishedImage } from "./image.ts";

/** An image as a registry holds it, for every platform it has; one without an index has one. */
export interface PublishedPlatforms {
  /** Of what the reference names. */
  readonly digest: Digest;
  readonly platforms: readonly PublishedImage[];
}

/** Reads manifests and configurations, never layers, and each science image once. */
export class Images {
  readonly #registries: Registries;
  readonly #hosts = new Map<string, Host>();
  readonly #read = new Map<string, Promise<PublishedImage | undefined>>();
  readonly #digests = new Map<string, Promise<Digest | undefined>>();
  readonly #tags = new Map<string, Promise<readonly string[]>>();

  constructor(registries: Registries) {
    this.#registries = registries;
  }

  /** Undefined when there is no such image. Throws `FailedError`. */
  published(reference: Reference): Promise<PublishedPlatforms | undefined> {
    const host = this.#hosts.get(reference.registry) ?? new Host({ firstDecides: false });
    this.#hosts.set(reference.registry, host);
    return host.ask(() => this.#readPublished(reference));
  }

  async #readPublished(reference: Reference): Promise<PublishedPlatforms | undefined> {
    const { registry: host, repository } = reference;
    const registry = this.#registries.registryFor(host);
    const name = formatReference(reference);
    const content = await registry.repository(repository).manifests.get(manifestTarget(reference));
    if (!content) return undefined;
    const { descriptor, bytes } = content;
    if (!isIndexType(descriptor.mediaType)) {
      const manifest = parseManifest(bytes, descriptor.mediaType);
      const config = parseConfig(await readBlob(registry.repository(repository), manifest.config, documentLimit));
      return {
        digest: descriptor.digest,
        platforms: [publishedImage(name, { descriptor, named: descriptor, manifest, config })],
      };
    }
    const entries = parseIndex(bytes, descriptor.mediaType).manifests.filter(({ platform }) => isRunnable(platform));
    const images = await Promise.all(
      entries.map(({ digest, platform }) => readImage(registry.repository(repository), digest, platform as Platform)),
    );
    return {
      digest: descriptor.digest,
      platforms: images.flatMap((each) => (each ? [publishedImage(name, { ...each, named: descriptor })] : [])),
    };
  }

  /** One platform of an image that others may stand on. */
  science(reference: Reference, platform: Platform): Promise<PublishedImage | undefined> {
    const { registry: host, repository } = reference;
    const target = manifestTarget(reference);
    const key = `${host}/${repository}@${target} ${platform.os}/${platform.architecture}/${platform.variant ?? ""}`;
    return once(this.#read, key, () =>
      readPublishedImage(locate(this.#registries, reference), formatReference(reference), platform),
    );
  }

  /** Digest behind a tag. */
  digestOf({ registry, repository }: Reference, tag: string): Promise<Digest | undefined> {
    return once(this.#digests, `${registry}/${repository}:${tag}`, async () => {
      const found = await this.#registries.registryFor(registry).repository(repository).manifests.head(tag);
      return found?.digest;
    });
  }

  tags({ registry, repository }: Reference): Promise<readonly string[]> {
    const list = () => this.#registries.registryFor(registry).repository(repository).listings.tags();
    return once(this.#tags, `${registry}/${repository}`, list);
  }
}

/** Asked once, however many ask for it. */
function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const answer = known.get(key) ?? ask();
  known.set(key, answer);
  return answer;
}

/** What BuildKit attaches to an index says `unknown/unknown`. */
const isRunnable = (platform: Platform | undefined): boolean => platform !== undefined && platform.os !== "unknown";
