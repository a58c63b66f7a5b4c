import { Readable } from "node:stream";
import { type Dispatcher, request } from "undici";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { documentLimit } from "../oci/untrusted.ts";
import { readShort, readSteadily } from "./body.ts";
import { brokenExchange } from "./failures.ts";
import { type Answer, type AnswerStream, type Exchange, publicUrl, type StreamBody } from "./http.ts";
import type { Limits, RegistriesOptions } from "./model.ts";
import type { Secrets } from "./secrets.ts";

export type ExchangeOptions = Pick<RegistriesOptions, "signal" | "onRequest"> & {
  readonly limits: Limits;
  readonly secrets: Secrets;
};

/** One exchange under way: what is counted, and what is given back when it ends. */
export class ExchangeRun {
  readonly #exchange: Exchange;
  readonly #options: ExchangeOptions;
  readonly #release: () => void;
  readonly #started = performance.now();
  #status: number | undefined;
  #sent = 0;
  #received = 0;
  #ended = false;
  #sourceFailure: { readonly reason: unknown } | undefined;

  constructor(exchange: Exchange, options: ExchangeOptions, release: () => void) {
    this.#exchange = exchange;
    this.#options = options;
    this.#release = release;
  }

  async perform(dispatcher: Dispatcher): Promise<Answer> {
    let streaming = false;
    try {
      const response = await request(this.#exchange.url, { dispatcher, ...this.#requestOptions() });
      this.#status = response.statusCode;
      streaming = this.#exchange.stream === true && (response.statusCode === 200 || response.statusCode === 206);
      return await this.#answer(response, streaming);
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      if (!streaming) this.#end();
    }
  }

  async #answer({ statusCode: status, headers, body }: Dispatcher.ResponseData, streaming: boolean): Promise<Answer> {
    const { redact } = this.#options.secrets;
    const head = { exchange: this.#exchange, status, headers, redact, milliseconds: this.#elapsed() };
    body.on("error", () => undefined); // it is told to whoever reads; without a listener a cancelled body ends the process
    if (streaming) return { ...head, bytes: Buffer.alloc(0), stream: this.#stream(body) };
    const bytes = await readShort(body, documentLimit, this.#options.limits.answer);
    this.#received = bytes.length;
    return { ...head, bytes };
  }

  #stream(body: Readable): AnswerStream {
    const cancel = (): void => {
      body.destroy();
      this.#end();
    };
    return { [Symbol.asyncIterator]: () => this.#parts(body), cancel };
  }

  async *#parts(body: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const part of readSteadily(body, this.#options.limits.stall)) {
        this.#received += part.length;
        yield part;
      }
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      this.#end();
    }
  }

  #requestOptions() {
    const { method, headers, body } = this.#exchange;
    const { signal, limits } = this.#options;
    const length = body instanceof Uint8Array ? body.length : body?.size;
    return {
      method,
      // Unless told, undici closes the connection behind every HEAD, for the sake of servers that send a body all the same.
      ...(method === "HEAD" && { reset: false }),
      headers: {
        "user-agent": "image-builder",
        ...headers,
        ...(length === undefined ? {} : { "content-length": String(length) }),
      },
      body:
        body === undefined
          ? null
          : body instanceof Uint8Array
            ? this.#counted(body)
            : Readable.from(this.#source(body), { objectMode: false }),
      // What was sent at length is also checked and stored at length before the answer comes.
      headersTimeout:
        body instanceof Uint8Array || body === undefined
          ? limits.answer
          : limits.answer + limits.stall + body.size / slowestStore,
      bodyTimeout: limits.stall,
      ...(signal ? { signal } : {}),
    };
  }

  #counted(body: Uint8Array): Uint8Array {
    this.#sent = body.length;
    return body;
  }

  async *#source(body: StreamBody): AsyncGenerator<Uint8Array> {
    const source = body.open();
    try {
      for await (const part of source) {
        this.#sent += part.length;
        yield part;
      }
    } catch (reason) {
      this.#sourceFailure = { reason };
      throw reason;
    } finally {
      source.destroy();
    }
  }

  #failure(cause: unknown): unknown {
    if (this.#options.signal?.aborted) return this.#options.signal.reason;
    if (cause instanceof FailedError) return cause;
    if (this.#sourceFailure) return unreadableSource(this.#sourceFailure.reason);
    if (codeOf(cause) === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH")
      return unreadableSource(new Error("it is not as long as its descriptor says"));
    return brokenExchange(this.#exchange, this.#elapsed(), cause, this.#options.secrets.redact);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    this.#options.onRequest?.({
      method: this.#exchange.method,
      url: this.#options.secrets.redact(publicUrl(this.#exchange.url)),
      status: this.#status,
      bytesSent: this.#sent,
      bytesReceived: this.#received,
      milliseconds: this.#elapsed(),
    });
  }

  #elapsed = (): number => performance.now() - this.#started;
}

/** Bytes per millisecond at which a registry is trusted to store a blob before it answers. */
const slowestStore = 10_000;

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined);

const unreadableSource = (reason: unknown): FailedError =>
  reason instanceof FailedError
    ? reason
    : new FailedError(
        [
          error("unreadable-blob", "the content of a blob cannot be read", {
            notes: [{ message: reason instanceof Error ? reason.message : String(reason) }],
          }),
        ],
        { cause: reason },
      );
