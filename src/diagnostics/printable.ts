/**
 * Text from a catalogue, a registry or an engine as a terminal may show it: control characters and the marks that
 * reorder text become visible escapes, and a byte that is not UTF-8 (kept as a lone surrogate) `\xNN`. Tabs and line
 * ends stay.
 */
export const printable = (text: string): string => text.replaceAll("\r\n", "\n").replace(unsafe, escapeCharacter);

/** The same on one line: line ends and tabs are escaped too. */
export const printableLine = (text: string): string => printable(text).replace(/[\t\n]/g, escapeCharacter);

const unsafe =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu;

function escapeCharacter(character: string): string {
  const named = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code >= 0xdc80 && code <= 0xdcff ? `\\x${hex(code - 0xdc00, 2)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
