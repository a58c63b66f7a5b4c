import { bytesOf } from "./decoded.ts";

/** Part of a text that must not be shown: start inclusive, end exclusive. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

/** What must not be shown of a text in bytes. */
export type Find = (bytes: string) => Iterable<Found>;

/**
 * Finds these secrets, and the beginnings of them where somebody has cut the text. One that is shorter than four bytes hides the
 * whole text, where a word there speaks of logins and the secret stands by itself.
 */
export const findSecrets = (secrets: Iterable<string>): Find => findForms([...secrets].flatMap(formsOf));

/** As `findSecrets`, and also where they stand in base64 or hexadecimal: quicker for long texts than to decode all that may be it. */
export const findSecretsAndBlocks = (secrets: Iterable<string>): Find => {
  const forms = [...secrets].flatMap(formsOf);
  return findForms([...forms, ...forms.filter(({ length }) => length >= shortest).flatMap(blockForms)]);
};

function findForms(all: readonly string[]): Find {
  const forms = [...new Set(all.map(folded))];
  const long = forms.filter((form) => form.length >= shortest);
  const short = forms.filter((form) => form.length > 0 && form.length < shortest);
  return function* find(bytes) {
    const text = folded(bytes);
    for (const form of long) yield* findForm(text, form);
    if (short.length > 0 && speaksOfLogins.test(text) && short.some((form) => standsAlone(text, form)))
      yield { start: 0, end: text.length };
  };
}

const shortest = 4;

/** As it is, and in the older encoding of Western languages. */
function formsOf(secret: string): string[] {
  const latin = /^[\0-\xff]*$/.test(secret) ? [secret] : [];
  return [secret, secret.trim()].map(bytesOf).concat(latin);
}

/** The characters that depend on nothing but the secret, wherever in the encoded text it stands. */
function blockForms(form: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.from("\0".repeat(before) + form, "latin1").toString("base64");
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + form.length) * 8) / 6));
  });
  const hexadecimal = Buffer.from(form, "latin1").toString("hex");
  const urlSafe = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...base64, ...urlSafe, hexadecimal, hexadecimal.toUpperCase()];
}

/** A form writes a space as a plus. */
const folded = (bytes: string): string => bytes.replaceAll("+", " ");

function* findForm(text: string, form: string): Generator<Found> {
  const beginning = form.slice(0, shortest);
  for (let start = text.indexOf(beginning); start !== -1; start = text.indexOf(beginning, start + 1)) {
    const end = endOfShared(text, start, form);
    if (end !== undefined) yield { start, end };
  }
}

/** What marks a cut may begin with the bytes that would have come next. */
function endOfShared(text: string, start: number, form: string): number | undefined {
  const length = sharedLength(text, start, form);
  if (length === form.length) return start + length;
  const ends = [0, 1, 2].map((less) => start + length - less);
  return ends.find((end) => end - start >= shortest && isCutAt(text, end));
}

function sharedLength(text: string, start: number, form: string): number {
  let length = shortest;
  while (length < form.length && text[start + length] === form[length]) length += 1;
  return length;
}

/** Perhaps with half an escape behind it, and then the end, an ellipsis, or the end of what is quoted. */
const isCutAt = (text: string, end: number): boolean => cut.test(text.slice(end, end + 12));

const cut = /^(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|&#?\w{0,5})?(?:$|\.\.|\xe2\x80\xa6|["'<`\r\n])/i;

const speaksOfLogins = /passw|pwd|secret|token|auth|credential|login|user/i;

const standsAlone = (text: string, form: string): boolean => {
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + form.length])) return true;
  }
  return false;
};

const isWord = (character = ""): boolean => /[a-z0-9]/i.test(character);
