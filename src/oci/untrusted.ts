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
  const text = Buffer.from(bytes).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw bad(what, "is not JSON", `it begins ${quoteStart(text)}`);
  }
}

/** The first characters of a text from outside, in quotes and on one line. */
export const quoteStart = (text: string, length = 120): string =>
  JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text);

const bad = (what: string, wrong: string, note?: string): FailedError =>
  new FailedError([error("bad-document", `${what} ${wrong}`, note ? { notes: [{ message: note }] } : {})]);
