import type { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";

/** As large as a registry must accept: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
export const documentLimit = 4 * 1024 * 1024;

/** Reads JSON that came from outside; `what` names it in the message, as "the manifest". Throws `FailedError`. */
export function parseDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  if (bytes.length > documentLimit) throw bad(what, `is larger than ${documentLimit} bytes`);
  const parsed = schema.safeParse(parseJson(bytes, what));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  throw bad(what, `is not as its specification says`, `${path || "it"}: ${issue?.message ?? "invalid"}`);
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  if (nestsTooDeep(bytes)) throw bad(what, `nests more than ${mostNesting} deep`);
  const json = tryJson(bytes);
  if (json !== undefined) return json;
  throw bad(what, "is not JSON", `it begins ${quoteStart(Buffer.from(bytes).toString("utf8"))}`);
}

/** Undefined for what is not JSON, or nests too deep. */
export function tryJson(bytes: Uint8Array): unknown {
  if (nestsTooDeep(bytes)) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A million brackets take seconds to be read, and whoever walks down what they hold has no stack left. */
const mostNesting = 100;

function nestsTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isText && byte === 0x5c) at += 1;
    else if (byte === 0x22) isText = !isText;
    else if (!isText && (byte === 0x5b || byte === 0x7b)) depth += 1;
    else if (!isText && (byte === 0x5d || byte === 0x7d)) depth -= 1;
    if (depth > mostNesting) return true;
  }
  return false;
}

/** The first characters of a text from outside, in quotes and on one line. */
export const quoteStart = (text: string, length = 120): string =>
  JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text);

const bad = (what: string, wrong: string, note?: string): FailedError =>
  new FailedError([error("bad-document", `${what} ${wrong}`, note ? { notes: [{ message: note }] } : {})]);
