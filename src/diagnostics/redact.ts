import type { Diagnostic } from "./diagnostic.ts";
import { blocksOf, bytesOf, type Decoded, endOf, escapes, startOf, unescaped } from "./redaction/decoded.ts";
import { type Find, type Found, findSecrets, findSecretsAndBlocks } from "./redaction/find-secrets.ts";
import { findAuthorizations, findInAddresses, findNamedValues } from "./redaction/find-words.ts";

/** Gives a text back with `***` for what must not be shown; the same text where there is nothing. */
export type Redact = (text: string) => string;

/**
 * For what somebody outside says: hides these secrets however they are written (escaped for JSON, HTML or a form, in base64 or
 * hexadecimal, several of these on top of each other, cut off), what the text itself calls a password or a token, and the
 * user, password and query of addresses. Call it before the text is shortened.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const finds = [findSecrets(secrets), findNamedValues, findAuthorizations, findInAddresses];
  return (text) => hide(text, { finds, layers: 4, blocks: 2 });
}

/** As `redactor`, where no secret is known. */
export const redact: Redact = redactor([]);

/**
 * For logs of builds, which are their authors' own words: hides these secrets, `Authorization` headers, and user, password and query
 * of addresses. A line is looked at by itself, and base64 of base64 is not looked into, since logs are long.
 */
export function logRedactor(secrets: Iterable<string>): Redact {
  const finds = [findSecretsAndBlocks(secrets), findAuthorizations, findInAddresses];
  const looking = { finds, layers: 2, blocks: 0 };
  return (text) =>
    text
      .split("\n")
      .map((line) => hide(line, looking))
      .join("\n");
}

/** Every text of these problems that somebody outside may have worded. */
export const redactDiagnostics = (diagnostics: readonly Diagnostic[], clean: Redact): Diagnostic[] =>
  diagnostics.map((each) => ({
    ...each,
    message: clean(each.message),
    notes: each.notes.map((note) => ({ ...note, message: clean(note.message) })),
  }));

interface Looking {
  readonly finds: readonly Find[];
  /** How many layers of escapes are taken off. */
  readonly layers: number;
  /** How many layers of base64 or hexadecimal are looked into. */
  readonly blocks: number;
}

function hide(text: string, looking: Looking): string {
  const bytes = bytesOf(text);
  const found = merged([...search({ bytes }, looking)]);
  if (found.length === 0) return text;
  const shown = [...found, { start: bytes.length, end: bytes.length }].map(({ start }, index) =>
    bytes.slice(found[index - 1]?.end ?? 0, start),
  );
  return Buffer.from(shown.join("***"), "latin1").toString("utf8");
}

/** In the text itself, in what is left without one kind of escapes or another, and so on. */
function* search(text: Decoded, looking: Looking): Generator<Found> {
  const seen = new Set<string>();
  let layers = [text];
  for (let count = 0; layers.length > 0 && count <= looking.layers; count += 1) {
    const fresh = layers.filter(({ bytes }) => seen.size !== seen.add(bytes).size);
    for (const layer of fresh) yield* searchLayer(layer, looking);
    layers = fresh.flatMap((layer) => escapes.flatMap((kind) => unescaped(layer, kind) ?? []));
  }
}

function* searchLayer(layer: Decoded, looking: Looking): Generator<Found> {
  for (const find of looking.finds) for (const found of find(layer.bytes)) yield inFirst(layer, found);
  if (looking.blocks === 0) return;
  for (const block of blocksOf(layer)) {
    // Wrong guesses decode to noise, which is not looked into further.
    const blocks = isReadable(block.bytes) ? looking.blocks - 1 : 0;
    const { done } = search(block, { ...looking, blocks }).next();
    if (!done) yield inFirst(layer, block);
  }
}

/** As a range of the text that the layers were taken off. */
const inFirst = (layer: Decoded, { start, end }: Found): Found => ({
  start: startOf(layer, start),
  end: endOf(layer, end - 1),
});

const isReadable = (bytes: string): boolean => {
  const readable = bytes.replace(/[^\x20-\x7e\r\n\t]/g, "").length;
  return readable >= bytes.length * 0.9;
};

function merged(found: readonly Found[]): Found[] {
  const result: Found[] = [];
  for (const { start, end } of [...found].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || start > last.end) result.push({ start, end });
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, end) };
  }
  return result;
}
