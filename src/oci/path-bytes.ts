/**
 * Paths in layers and contexts are bytes. Here they are strings that keep every byte: valid UTF-8 as it is, each byte
 * 0xNN that is not part of valid UTF-8 as the lone surrogate U+DCNN (the "surrogateescape" of PEP 383).
 */
export function decodePath(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? decodeEscaping(bytes) : text;
}

/** The bytes that `decodePath` was given. Any other lone surrogate becomes U+FFFD, as in Node's own conversion. */
export function encodePath(path: string): Buffer {
  if (!/\p{Surrogate}/u.test(path)) return Buffer.from(path, "utf8");
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(isEscape(code) ? Buffer.of(code - escapeBase) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** Order of the bytes, which is not the order of JavaScript's strings. */
export const comparePaths = (a: string, b: string): number =>
  isAscii(a) && isAscii(b) ? (a < b ? -1 : a > b ? 1 : 0) : Buffer.compare(encodePath(a), encodePath(b));

/** For messages: control characters and bytes that are not UTF-8 as `\xNN`, a backslash doubled. */
export const printablePath = (path: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  path.replace(/[\\\u0000-\u001f\u007f-\u009f\ud800-\udfff]/gu, (character) =>
    character === "\\" ? "\\\\" : [...encodePath(character)].map(hexEscape).join(""),
  );

const escapeBase = 0xdc00;
const isEscape = (code: number): boolean => code >= 0xdc80 && code <= 0xdcff;
// oxlint-disable-next-line no-control-regex -- the range of ASCII
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);
const hexEscape = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

function decodeEscaping(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? String.fromCharCode(escapeBase + (bytes[at] ?? 0)) : bytes.toString("utf8", at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** Length of the valid UTF-8 sequence at an offset; 0 when there is none. Unicode 15, table 3-7. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const [low, high] = secondByteRange(first);
  for (let offset = 1; offset < length; offset += 1) {
    const byte = bytes[at + offset] ?? 0;
    if (byte < (offset === 1 ? low : 0x80) || byte > (offset === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

function secondByteRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
