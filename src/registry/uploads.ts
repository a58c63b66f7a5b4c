import { FailedError } from "../diagnostics/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { Arrivals } from "./arrivals.ts";
import type { Connection } from "./connection.ts";
import { looksLikeWebPage, RegistryFailure, unexpectedAnswer, wrongAnswer } from "./failures.ts";
import { type Answer, headerOf, resolveUrl } from "./http.ts";
import type { BlobSource } from "./model.ts";
import { pull, push } from "./scopes.ts";
import { sliceSource } from "./source.ts";

/**
 * Uploads of a registry: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 * A session that a failed mount has opened is used by the upload that follows, or cancelled at the end.
 */
export class Uploads {
  readonly #registry: Connection;
  readonly #sessions = new Map<string, { readonly repository: string; readonly location: URL }>();
  readonly #arrivals = new Arrivals();
  readonly #habits: Habits = { takesAtOnce: undefined };

  constructor(registry: Connection) {
    this.#registry = registry;
  }

  /** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository */
  mount(repository: string, digest: Digest, fromRepository: string): Promise<boolean> {
    const key = `${repository}@${digest}`;
    return this.#arrivals.once(key, () => this.#mount(key, repository, digest, fromRepository));
  }

  async put(repository: string, blob: Descriptor, source: BlobSource): Promise<void> {
    const key = `${repository}@${blob.digest}`;
    const send = (): Promise<boolean> => this.#put(key, repository, blob, source).then(() => true);
    // Who waited for a mount that was refused, or for an upload that failed, has to send it.
    while (!(await this.#arrivals.once(key, send)));
  }

  /** The registry has said that it misses them: what it mounted or took counts no more. */
  forget(repository: string, digests: readonly Digest[]): void {
    for (const digest of digests) this.#arrivals.forget(`${repository}@${digest}`);
  }

  /** Nobody is owed a mount: whatever is wrong with it, the blob can be uploaded. */
  async #mount(key: string, repository: string, digest: Digest, fromRepository: string): Promise<boolean> {
    const answer = await this.#askToMount(repository, digest, fromRepository);
    if (answer === undefined) return false;
    if (answer.status === 201 || (answer.status === 200 && names(answer, digest))) return true;
    const location = isBegun(answer) ? headerOf(answer, "location") : undefined;
    if (location !== undefined) this.#sessions.set(key, { repository, location: locationOf(answer) });
    return false;
  }

  /** Undefined where the registry fails. One that is busy is asked again, since a blob may be large. */
  async #askToMount(repository: string, digest: Digest, fromRepository: string): Promise<Answer | undefined> {
    const url = uploadsUrl(this.#registry, repository);
    url.search = new URLSearchParams({ mount: digest, from: fromRepository }).toString();
    const exchange = { method: "POST", url } as const;
    const scopes = [push(repository), pull(fromRepository)];
    const ask = (once: boolean) => this.#registry.send({ ...exchange, once }, scopes);
    return ask(true)
      .catch((failure: unknown) => {
        if (!(failure instanceof RegistryFailure)) throw failure;
        return failure.temporary && failure.status !== 500 ? ask(false) : undefined;
      })
      .catch((failure: unknown) => {
        if (failure instanceof FailedError) return undefined;
        throw failure;
      });
  }

  async #put(key: string, repository: string, blob: Descriptor, source: BlobSource): Promise<void> {
    const session = this.#sessions.get(key)?.location;
    this.#sessions.delete(key);
    await new Upload(this.#registry, repository, blob, source, this.#habits).run(session);
  }

  /** Tells the registry that opened sessions are not needed. Failures do not matter: they end by themselves. */
  async cancelAll(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    const cancel = ({ repository, location }: (typeof open)[number]): Promise<unknown> =>
      this.#registry.send({ method: "DELETE", url: location, once: true }, [push(repository)]);
    await Promise.allSettled(open.map(cancel));
  }
}

/** Bytes sent in one request once a connection has broken: small enough to get somewhere, large enough to be few. */
const chunkSize = 32 * 1024 * 1024;

/** Bytes up to which a blob is sent with the request that begins an upload, where it may have to be sent again. */
const shortBlob = 64 * 1024;

interface Habits {
  /** Whether the registry stores a blob that comes with the first request; undefined when it was not tried. */
  takesAtOnce: boolean | undefined;
}

interface Session {
  readonly location: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
}

class Upload {
  readonly #registry: Connection;
  readonly #repository: string;
  readonly #blob: Descriptor;
  readonly #source: BlobSource;
  readonly #habits: Habits;
  #session: Session | undefined;
  #leastChunk = 0;

  constructor(registry: Connection, repository: string, blob: Descriptor, source: BlobSource, habits: Habits) {
    this.#habits = habits;
    this.#registry = registry;
    this.#repository = repository;
    this.#blob = blob;
    this.#source = source;
  }

  /** One request for the whole blob; after a break, what is missing in chunks. */
  async run(location: URL | undefined): Promise<void> {
    this.#session = location && { location, offset: 0 };
    let inChunks = false;
    for (let attempt = 1; ; attempt += 1) {
      const before = this.#session?.offset ?? 0;
      try {
        return inChunks ? await this.#sendChunks() : await this.#sendWhole();
      } catch (failure) {
        if ((this.#session?.offset ?? 0) > before) attempt = 1;
        if (!this.#isWorthAnother(failure, inChunks) || attempt >= this.#registry.limits.attempts) throw failure;
        await this.#registry.pause(attempt);
        await this.#findOut();
        inChunks = true;
      }
    }
  }

  async #sendWhole(): Promise<void> {
    if (await this.#sendAtOnce()) return;
    const { location } = await this.#begun();
    await this.#finish(location, 0);
  }

  /**
   * One request for two, which a registry need not offer: it then begins an upload as ever
   * (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post).
   */
  async #sendAtOnce(): Promise<boolean> {
    const source = this.#source;
    const isShort = source instanceof Uint8Array && source.length <= shortBlob;
    if (!isShort || this.#session || this.#habits.takesAtOnce === false) return false;
    const url = uploadsUrl(this.#registry, this.#repository);
    url.search = new URLSearchParams({ digest: this.#blob.digest }).toString();
    const answer = await this.#send({ method: "POST", url, headers: binary, body: source });
    const isStored = answer.status === 201 && names(answer, this.#blob.digest);
    this.#habits.takesAtOnce = isStored;
    const location = isBegun(answer) ? headerOf(answer, "location") : undefined;
    if (!isStored && location !== undefined) this.#session = { location: locationOf(answer), offset: 0 };
    return isStored;
  }

  async #sendChunks(): Promise<void> {
    const size = Math.max(chunkSize, this.#leastChunk);
    for (;;) {
      const { location, offset } = await this.#begun();
      if (offset >= this.#blob.size) return this.#finish(location, this.#blob.size);
      await this.#sendChunk(location, offset, Math.min(offset + size, this.#blob.size));
    }
  }

  async #sendChunk(url: URL, start: number, end: number): Promise<void> {
    const headers = { ...binary, "content-range": `${start}-${end - 1}` };
    const answer = await this.#send({ method: "PATCH", url, headers, body: sliceSource(this.#source, start, end) });
    if (!isDone(answer)) throw unexpectedAnswer(answer);
    this.#session = { location: locationOf(answer, url), offset: end };
  }

  async #finish(location: URL, start: number): Promise<void> {
    const url = new URL(
      `${location.href}${location.search === "" ? "?" : "&"}digest=${encodeURIComponent(this.#blob.digest)}`,
    );
    const rest =
      start < this.#blob.size ? { headers: binary, body: sliceSource(this.#source, start, this.#blob.size) } : {};
    const answer = await this.#send({ method: "PUT", url, ...rest });
    if (!isDone(answer)) throw unexpectedAnswer(answer);
  }

  async #begun(): Promise<Session> {
    if (this.#session) return this.#session;
    const url = uploadsUrl(this.#registry, this.#repository);
    const answer = await this.#registry.send({ method: "POST", url }, [push(this.#repository)]);
    if (!isBegun(answer)) throw unexpectedAnswer(answer);
    this.#leastChunk = Number(headerOf(answer, "oci-chunk-min-length") ?? 0) || 0;
    this.#session = { location: locationOf(answer), offset: 0 };
    return this.#session;
  }

  /** Broken off, a session that was lost, or a proxy that takes no body of this length in one piece. */
  #isWorthAnother(failure: unknown, inChunks: boolean): boolean {
    if (!(failure instanceof RegistryFailure)) return false;
    const lost = this.#session !== undefined && (failure.status === 404 || failure.status === 416);
    return failure.temporary || lost || (failure.status === 413 && !inChunks);
  }

  /** How far the registry got; where it does not know the session any more, or does not say, a new one is begun. */
  async #findOut(): Promise<void> {
    if (!this.#session) return;
    const answer = await this.#registry.send({ method: "GET", url: this.#session.location }, [push(this.#repository)]);
    const end = Number(/^(?:bytes=)?0-(\d+)$/.exec(headerOf(answer, "range") ?? "")?.[1] ?? 0);
    // "0-0" stands for one byte and for none.
    const known = (answer.status === 204 || answer.status === 202) && end > 0 && end < this.#blob.size;
    this.#session = known ? { location: locationOf(answer, this.#session.location), offset: end + 1 } : undefined;
  }

  #send = (exchange: Omit<Parameters<Connection["send"]>[0], "once">): Promise<Answer> =>
    this.#registry.send({ ...exchange, once: true }, [push(this.#repository)]);
}

/** Registries differ in which success they answer with; where a session is, its location says. */
const isBegun = (answer: Answer): boolean => [200, 201, 202].includes(answer.status) && !looksLikeWebPage(answer);

const isDone = (answer: Answer): boolean => [200, 201, 202, 204].includes(answer.status) && !looksLikeWebPage(answer);

/** Whether an answer is about the blob itself, and not about a session to upload it in. */
const names = (answer: Answer, digest: Digest): boolean =>
  [headerOf(answer, "docker-content-digest"), headerOf(answer, "location")].some((each) => each?.includes(digest));

const binary = { "content-type": "application/octet-stream" };

const uploadsUrl = (registry: Connection, repository: string): URL => registry.url(`${repository}/blobs/uploads/`);

function locationOf(answer: Answer, otherwise?: URL): URL {
  const location = headerOf(answer, "location");
  const url = location === undefined ? otherwise : resolveUrl(location, answer.exchange.url);
  if (url && (url.protocol === "https:" || url.protocol === answer.exchange.url.protocol)) return url;
  throw wrongAnswer(answer, "does not say where to upload to");
}
