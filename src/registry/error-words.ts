import { z } from "zod";
import { type Digest, isDigest } from "../oci/digest.ts";
import { quoteStart } from "../oci/untrusted.ts";
import type { Answer } from "./http.ts";

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
const errorsSchema = z.object({
  errors: z
    .array(z.object({ code: z.string().optional(), message: z.string().optional(), detail: z.unknown().optional() }))
    .min(1),
});

/** Codes and messages of the registry's error, or the start of its body; at most some hundred characters, and nothing of a login. */
export function registryWords({ bytes, redact }: Answer): string {
  const parsed = errorsSchema.safeParse(tryJson(bytes.toString("utf8")));
  if (!parsed.success) {
    const text = redact(bytes.toString("utf8", 0, longest)).trim();
    return text === "" ? "" : quoteStart(text, 200);
  }
  const errors = parsed.data.errors.slice(0, 3).map(({ code, message }) => [code, message].flatMap(wordsOf));
  const words = errors.map((each) => each.map(redact));
  // Pieces that are harmless one by one may make a secret together.
  if (redact(errors.flat().join("")) !== words.flat().join("")) return "what is not shown, since it repeats a login";
  return quoteStart(words.map((each) => each.join(": ")).join("; "), 300).slice(1, -1);
}

/** Bytes of an answer that are looked at for what must not be shown, before the text is shortened. */
const longest = 16 * 1024;

const wordsOf = (text: string | undefined): string[] => (text ? [text.slice(0, longest)] : []);

/** The code of the first error, where the registry gave one. */
export const errorCode = (answer: Answer): string | undefined => errorsOf(answer)[0]?.code;

/** Blobs that the registry says it misses. */
export function missingBlobs(answer: Answer): Digest[] {
  const unknown = errorsOf(answer).filter(({ code }) => code === "MANIFEST_BLOB_UNKNOWN" || code === "BLOB_UNKNOWN");
  const texts = unknown.map(({ detail }) => z.object({ digest: z.string() }).safeParse(detail).data?.digest ?? detail);
  return texts.flatMap((text) => (typeof text === "string" && isDigest(text) ? [text] : []));
}

function errorsOf(answer: Answer): z.infer<typeof errorsSchema>["errors"] {
  const parsed = errorsSchema.safeParse(tryJson(answer.bytes.toString("utf8")));
  return parsed.success ? parsed.data.errors : [];
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
