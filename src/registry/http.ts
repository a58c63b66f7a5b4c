import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Redact } from "../diagnostics/redact.ts";

/** One request to make. */
export interface Exchange {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamBody;
  /** A successful answer's body is handed on unread. */
  readonly stream?: boolean;
  /** Never repeated as it is, since the registry keeps a state between attempts. */
  readonly once?: boolean;
}

export interface StreamBody {
  readonly size: number;
  open(): Readable;
}

export interface Answer {
  readonly exchange: Exchange;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The whole body; empty where it is streamed. */
  readonly bytes: Buffer;
  readonly stream?: AnswerStream;
  /** For every word of the answer that goes into a message: it may repeat what it was sent. */
  readonly redact: Redact;
  /** Until the head of the answer was there. */
  readonly milliseconds: number;
}

/** Holds a connection until it is read to its end or cancelled. */
export interface AnswerStream extends AsyncIterable<Buffer> {
  cancel(): void;
}

/** What every layer of the client is: redirects, authorization and retries wrap the transport and look the same. */
export type Send = (exchange: Exchange) => Promise<Answer>;

/** The first value where a header was sent more than once. */
export function headerOf(answer: Pick<Answer, "headers">, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The URL without user, password, query and fragment: those may be secrets. */
export const publicUrl = (url: URL): string => `${url.origin}${url.pathname}`;

/** The media type without its parameters, in lower case. */
export const contentType = (answer: Pick<Answer, "headers">): string =>
  (headerOf(answer, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";

/** An address in an answer, which may be relative; undefined when it is none. */
export function resolveUrl(text: string, base: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
