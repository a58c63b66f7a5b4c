import { type DiagnosticNote, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { type Redact, redactDiagnostics } from "../diagnostics/redact.ts";
import type { Digest } from "../oci/digest.ts";
import { quoteStart } from "../oci/untrusted.ts";
import { missingBlobs, registryWords } from "./error-words.ts";
import { type Answer, contentType, type Exchange, headerOf, publicUrl } from "./http.ts";

/** A request that failed. `temporary` where the same request may succeed a little later. */
export class RegistryFailure extends FailedError {
  readonly temporary: boolean;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** Blobs that the registry misses, where that is why it does not take a manifest. */
  readonly missing: readonly Digest[];

  constructor(details: FailureDetails) {
    const { code, message, notes, help, cause, temporary = false, status, missing = [] } = details;
    const diagnostic = error(code, message, {
      notes: notes.map((note) => ({ message: note })),
      ...(help ? { help } : {}),
    });
    super([diagnostic], cause === undefined ? undefined : { cause });
    this.name = "RegistryFailure";
    this.temporary = temporary;
    this.status = status;
    this.missing = missing;
  }
}

interface FailureDetails {
  readonly code: string;
  readonly message: string;
  readonly notes: readonly DiagnosticNote["message"][];
  readonly help?: string | undefined;
  readonly cause?: unknown;
  readonly temporary?: boolean;
  readonly status?: number;
  readonly missing?: readonly Digest[];
}

/** An answer that is none of those the caller can use. */
export function unexpectedAnswer(answer: Answer): RegistryFailure {
  const host = hostOf(answer);
  const common = { notes: answerNotes(answer), status: answer.status, missing: missingBlobs(answer) };
  if (looksLikeWebPage(answer)) {
    return new RegistryFailure({
      ...common,
      code: "not-a-registry",
      message: `${host} answers with a web page: it is not a registry, or something stands before it`,
    });
  }
  if (answer.status === 401 || answer.status === 403) {
    return new RegistryFailure({
      ...common,
      code: "registry-refused",
      message: `${host} does not allow this`,
      help: `log in with "docker login ${host}" as somebody who may`,
    });
  }
  const temporary = isTemporaryStatus(answer.status);
  const message = temporary ? `${host} cannot do this now` : `${host} gives an unexpected answer`;
  return new RegistryFailure({
    ...common,
    code: temporary ? "registry-unavailable" : "registry-error",
    message,
    temporary,
  });
}

/** An answer whose content is not what it has to be. */
export const wrongAnswer = (answer: Answer, message: string, note?: string): RegistryFailure =>
  new RegistryFailure({
    code: "registry-wrong",
    message: `${hostOf(answer)} ${answer.redact(message)}`,
    notes: [...(note ? [answer.redact(note)] : []), answerNote(answer)],
    status: answer.status,
  });

/** No answer, or one that broke off. */
export function brokenExchange(
  exchange: Exchange,
  milliseconds: number,
  cause: unknown,
  redact: Redact,
): RegistryFailure {
  return new RegistryFailure({
    code: "registry-unreachable",
    message: `${redact(exchange.url.host)} cannot be reached or breaks off`,
    notes: [
      redact(describeCause(cause)),
      redact(requestNote(exchange, `no full answer after ${Math.round(milliseconds)} ms`)),
    ],
    cause,
    temporary: !isPermanent(cause),
  });
}

/** Reads an answer's content, and says with what was asked why it cannot be read. */
export function readAnswer<T>(answer: Answer, read: (bytes: Buffer) => T): T {
  try {
    return read(answer.bytes);
  } catch (failure) {
    throw failure instanceof FailedError ? withRequest(answer, failure) : failure;
  }
}

/** Says what went wrong while an answer was used, with the request behind it. */
export const withRequest = (answer: Answer, failure: FailedError): FailedError =>
  new FailedError(
    redactDiagnostics(failure.diagnostics, answer.redact).map((each) => ({
      ...each,
      notes: [...each.notes, { message: answerNote(answer) }],
    })),
    { cause: failure },
  );

export const isTemporaryStatus = (status: number): boolean => [408, 425, 429, 500, 502, 503, 504].includes(status);

export const looksLikeWebPage = (answer: Answer): boolean => contentType(answer) === "text/html";

const requestNote = (exchange: Exchange, outcome: string): string =>
  `${exchange.method} ${publicUrl(exchange.url)}: ${outcome}`;

const answerNote = (answer: Answer): string =>
  answer.redact(requestNote(answer.exchange, `${answer.status} after ${Math.round(answer.milliseconds)} ms`));

/** A redirect may have led to a host that is named by the answer before. */
const hostOf = (answer: Answer): string => answer.redact(answer.exchange.url.host);

function answerNotes(answer: Answer): string[] {
  const words = registryWords(answer);
  return [...(words ? [`it says: ${words}`] : []), answerNote(answer)];
}

function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return quoteStart(String(cause), 200);
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = codeOf(cause);
  const message = inner instanceof Error ? inner.message : cause.message;
  return `${message || cause.name}${code && !message.includes(code) ? ` (${code})` : ""}`;
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";

/** Names that do not resolve and certificates that are not trusted do not get better by asking again. */
const isPermanent = (cause: unknown): boolean =>
  /^(ENOTFOUND|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|ERR_INVALID)/.test(codeOf(cause));

/** Milliseconds that the answer asks to wait; https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
export function retryAfter(answer: Answer, now: number): number | undefined {
  const text = headerOf(answer, "retry-after");
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
