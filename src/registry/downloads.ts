import { Readable } from "node:stream";
import type { Descriptor } from "../oci/descriptor.ts";
import { createHasher, type Digest } from "../oci/digest.ts";
import type { Connection } from "./connection.ts";
import { looksLikeWebPage, RegistryFailure, unexpectedAnswer, wrongAnswer } from "./failures.ts";
import { type Answer, type AnswerStream, headerOf } from "./http.ts";
import { isAbsent } from "./manifests.ts";
import { pull } from "./scopes.ts";

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs */
export async function getBlob(registry: Connection, repository: string, blob: Descriptor): Promise<Readable> {
  const download = new Download(registry, repository, blob);
  await download.open();
  const stream = Readable.from(download.parts(), { objectMode: false });
  // A generator that never began does not run its own clean-up.
  stream.once("close", () => download.cancel());
  return stream;
}

export async function headBlob(
  registry: Connection,
  repository: string,
  digest: Digest,
): Promise<Descriptor | undefined> {
  const answer = await registry.send({ method: "HEAD", url: blobUrl(registry, repository, digest) }, [
    pull(repository),
  ]);
  if (isAbsent(answer)) return undefined;
  const size = Number(headerOf(answer, "content-length") ?? Number.NaN);
  if (answer.status !== 200 || looksLikeWebPage(answer)) throw unexpectedAnswer(answer);
  if (!Number.isSafeInteger(size)) throw wrongAnswer(answer, "does not say how long a blob is");
  return { mediaType: "application/octet-stream", digest, size };
}

const blobUrl = (registry: Connection, repository: string, digest: Digest): URL =>
  registry.url(`${repository}/blobs/${digest}`);

/** A blob that is read on where the connection broke, and checked as a whole. */
class Download {
  readonly #registry: Connection;
  readonly #repository: string;
  readonly #blob: Descriptor;
  readonly #hasher = createHasher();
  #received = 0;
  #answer: Answer | undefined;

  constructor(registry: Connection, repository: string, blob: Descriptor) {
    this.#registry = registry;
    this.#repository = repository;
    this.#blob = blob;
  }

  async open(): Promise<void> {
    const from = this.#received;
    const url = blobUrl(this.#registry, this.#repository, this.#blob.digest);
    const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-${this.#blob.size - 1}` };
    const answer = await this.#registry.send({ method: "GET", url, headers, stream: true }, [pull(this.#repository)]);
    this.#answer = answer;
    if (isAbsent(answer)) throw wrongAnswer(answer, `has no blob ${this.#blob.digest} in ${this.#repository}`);
    if (!answer.stream || looksLikeWebPage(answer)) {
      this.cancel();
      throw unexpectedAnswer(answer);
    }
  }

  async *parts(): AsyncGenerator<Buffer> {
    for (let attempt = 1; ; attempt += 1) {
      const before = this.#received;
      try {
        yield* this.#rest();
        return this.#checkEnd();
      } catch (failure) {
        if (this.#received > before) attempt = 1;
        if (!isTemporary(failure) || attempt >= this.#registry.limits.attempts) throw failure;
        await this.#registry.pause(attempt);
        await this.open();
      }
    }
  }

  cancel(): void {
    this.#answer?.stream?.cancel();
  }

  async *#rest(): AsyncGenerator<Buffer> {
    const stream = this.#answer?.stream;
    if (!stream || !this.#answer) return;
    for await (const part of this.#skipRead(this.#answer, stream)) {
      this.#received += part.length;
      if (this.#received > this.#blob.size) throw this.#wrong(`it is longer than ${this.#blob.size} bytes`);
      this.#hasher.update(part);
      yield part;
    }
    if (this.#received < this.#blob.size) throw this.#cutOff();
  }

  /** A server that does not know ranges, or chose another, begins where it likes. */
  async *#skipRead(answer: Answer, stream: AnswerStream): AsyncGenerator<Buffer> {
    const start =
      answer.status === 206
        ? Number(/^bytes (\d+)-/.exec(headerOf(answer, "content-range") ?? "")?.[1] ?? this.#received)
        : 0;
    if (start > this.#received) throw this.#wrong("a part of it is left out");
    let skip = this.#received - start;
    for await (const part of stream) {
      const rest = part.subarray(Math.min(skip, part.length));
      skip -= part.length - rest.length;
      if (rest.length > 0) yield rest;
    }
  }

  #checkEnd(): void {
    const { digest } = this.#hasher.end();
    if (digest !== this.#blob.digest) throw this.#wrong(`expected ${this.#blob.digest}, found ${digest}`);
  }

  #wrong(why: string): RegistryFailure {
    this.cancel();
    return wrongAnswer(this.#answer as Answer, "gives a blob with wrong content", why);
  }

  /** Some proxies end an answer cleanly although it was cut. */
  #cutOff = (): RegistryFailure =>
    new RegistryFailure({
      code: "registry-unreachable",
      message: `${this.#registry.host} breaks off`,
      notes: [`${this.#received} of ${this.#blob.size} bytes of ${this.#blob.digest} came`],
      temporary: true,
    });
}

const isTemporary = (failure: unknown): boolean => failure instanceof RegistryFailure && failure.temporary;
