import { FailedError } from "../diagnostics/failure.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import { RegistryFailure } from "./failures.ts";
import type { Repository, TagPage } from "./model.ts";

/** Which tags repositories do not have, by one request for each, however many tags are asked about. */
export class TagLists {
  readonly #pages = new Map<string, Promise<TagPage | undefined>>();
  readonly #asked = new Map<string, number>();
  /** Hosts that do not list tags to us. */
  readonly #silent = new Set<string>();

  /**
   * True where the registry listed all tags and this one is not among them. Where it did not, and where the tag is in the list,
   * it has to be asked for. Throws `FailedError` only where nobody answers.
   */
  async lacks(repository: Repository, tag: string): Promise<boolean> {
    const page = await this.#page(repository);
    return page?.isAll === true && !page.tags.has(tag);
  }

  /** When a repository was asked, in milliseconds since the epoch; undefined where it was not. */
  askedAt = (repository: Repository): number | undefined => this.#asked.get(keyOf(repository));

  #page(repository: Repository): Promise<TagPage | undefined> {
    const key = keyOf(repository);
    const known = this.#pages.get(key) ?? this.#read(repository);
    if (!this.#pages.has(key)) this.#asked.set(key, Date.now());
    this.#pages.set(key, known);
    return known;
  }

  async #read({ host, listings }: Repository): Promise<TagPage | undefined> {
    if (this.#silent.has(host)) return undefined;
    try {
      return await (listings.firstTags?.() ?? listings.tags().then((tags) => ({ tags: new Set(tags), isAll: true })));
    } catch (failure) {
      const isAnswer = !(failure instanceof RegistryFailure) || failure.status !== undefined;
      if (!(failure instanceof FailedError) || !isAnswer) throw failure;
      this.#silent.add(host);
      return undefined;
    }
  }
}

const keyOf = ({ host, path }: Repository): string => `${host}/${path}`;

/** Tag of the index of referrers; https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema */
export const referrersTag = (subject: Digest): string => `sha256-${digestHex(subject)}`;
