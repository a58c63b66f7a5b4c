import { canonicalJson } from "../oci/canonical-json.ts";
import { type Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type ImageIndex, parseIndex } from "../oci/manifest.ts";
import { isIndexType, oci } from "../oci/media-types.ts";
import type { Connection } from "./connection.ts";
import { errorCode } from "./error-words.ts";
import { RegistryFailure, readAnswer, unexpectedAnswer } from "./failures.ts";
import { type Answer, contentType, headerOf } from "./http.ts";
import { getManifest, putManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import { pull } from "./scopes.ts";
import { referrersTag } from "./tag-lists.ts";

/**
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers, and where the registry does
 * not know that, the index behind the tag `sha256-HEX`.
 */
export class Referrers {
  readonly #registry: Connection;
  #supported: boolean | undefined;
  /** How the registry refused to list any. */
  #refused: RegistryFailure | undefined;
  readonly #updates = new Map<Digest, Promise<void>>();

  constructor(registry: Connection) {
    this.#registry = registry;
  }

  async list(repository: string, subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const listed = await this.#askApi(repository, subject, artifactType);
    const found = listed ?? (await this.#fromTag(repository, subject)).manifests;
    // What stands before a registry may forbid or break a path that it does not know; what is told of then is behind the tag.
    if (found.length === 0 && this.#refused !== undefined) throw this.#refused;
    return artifactType === undefined ? found : found.filter((each) => each.artifactType === artifactType);
  }

  /** Undefined where the registry does not answer that. It is asked again only where it ever did. */
  async #askApi(repository: string, subject: Digest, artifactType?: string): Promise<Descriptor[] | undefined> {
    if (this.#supported === false || this.#refused !== undefined) return undefined;
    try {
      return await this.#fromApi(repository, subject, artifactType);
    } catch (failure) {
      if (!(failure instanceof RegistryFailure) || failure.status === undefined || this.#supported) throw failure;
      this.#refused = failure;
      return undefined;
    }
  }

  /** To be called after a manifest with a subject was stored: adds it to the tag where the registry does not list it. */
  async attached(
    repository: string,
    stored: Answer,
    { referrer, subject }: { readonly referrer: Descriptor; readonly subject: Digest },
    isFirst = false,
  ): Promise<void> {
    if (headerOf(stored, "oci-subject") !== undefined) return;
    // One after the other: each reads the index that the one before has written.
    const before = this.#updates.get(subject);
    const index = () => (isFirst && !before ? emptyIndex : this.#fromTag(repository, subject));
    const add = async () => this.#addToTag(repository, referrer, subject, await index());
    const update = (before ?? Promise.resolve()).catch(() => undefined).then(add);
    this.#updates.set(subject, update);
    await update;
  }

  async #fromApi(repository: string, subject: Digest, artifactType?: string): Promise<Descriptor[] | undefined> {
    const url = this.#registry.url(`${repository}/referrers/${subject}`);
    if (artifactType !== undefined) url.searchParams.set("artifactType", artifactType);
    const found: Descriptor[] = [];
    for await (const answer of readPages(this.#registry, url, [pull(repository)])) {
      if (!this.#answersReferrers(answer)) return undefined;
      found.push(...readAnswer(answer, parseReferrers).manifests);
    }
    return found;
  }

  /** A registry that knows the request may still say 404 for a repository that is not there. */
  #answersReferrers(answer: Answer): boolean {
    if (answer.status === 200 && contentType(answer) === oci.index) {
      this.#supported = true;
      return true;
    }
    if (![200, 400, 404, 405].includes(answer.status)) throw unexpectedAnswer(answer);
    if (errorCode(answer) !== "NAME_UNKNOWN") this.#supported ??= false;
    return false;
  }

  async #fromTag(repository: string, subject: Digest): Promise<ImageIndex> {
    const content = await getManifest(this.#registry, repository, referrersTag(subject));
    if (!content || !isIndexType(content.descriptor.mediaType)) return emptyIndex;
    return parseIndex(content.bytes, content.descriptor.mediaType);
  }

  async #addToTag(repository: string, referrer: Descriptor, subject: Digest, index: ImageIndex): Promise<void> {
    if (index.manifests.some(({ digest }) => digest === referrer.digest)) return;
    const bytes = canonicalJson({ ...index, mediaType: oci.index, manifests: [...index.manifests, referrer] });
    await putManifest(this.#registry, repository, referrersTag(subject), oci.index, bytes);
  }
}

const parseReferrers = (bytes: Buffer): ImageIndex => parseIndex(bytes);

const emptyIndex: ImageIndex = { schemaVersion: 2, mediaType: oci.index, manifests: [] };
