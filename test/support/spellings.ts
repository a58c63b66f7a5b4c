/** The ways in which a server may write what it was sent, by name. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  "JSON with escaped slashes": (text) => inJson(text).replaceAll("/", "\\/"),
  "JSON with every letter as \\u": (text) => eachUnit(text, (code) => `\\u${hex(code, 4)}`),
  "JSON in JSON": (text) => inJson(inJson(text)),
  "a form": (text) => new URLSearchParams({ x: text }).toString().slice(2),
  "percent signs, in lower case": (text) => eachByte(text, (byte) => `%${hex(byte, 2)}`),
  "percent signs, in upper case": (text) => eachByte(text, (byte) => `%${hex(byte, 2).toUpperCase()}`),
  "percent signs twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  HTML: (text) => text.replace(/[&<>"'/]/g, (sign) => `&#${sign.charCodeAt(0)};`),
  "HTML with names": (text) => text.replace(/[&<>"/@+]/g, (sign) => `&${names[sign]};`),
  "HTML in hexadecimal": (text) =>
    Array.from(text, (sign) => `&#x${(sign.codePointAt(0) ?? 0).toString(16)};`).join(""),
  base64: (text) => Buffer.from(text).toString("base64"),
  "base64 for addresses": (text) => Buffer.from(text).toString("base64url"),
  "base64 with a user before it": (text) => Buffer.from(`alice:${text}`).toString("base64"),
  "base64 in a form": (text) => encodeURIComponent(Buffer.from(text).toString("base64")),
  "base64 of JSON": (text) => Buffer.from(JSON.stringify({ sent: text })).toString("base64"),
  "base64 twice": (text) => Buffer.from(Buffer.from(text).toString("base64")).toString("base64"),
  hexadecimal: (text) => Buffer.from(text).toString("hex"),
  "hexadecimal in upper case": (text) => Buffer.from(text).toString("hex").toUpperCase(),
};

/** Names of the spellings in which a secret, or a beginning of it before an ellipsis or the end, stands in a text, quoted or not. */
export function spelledIn(text: string, secret: string): string[] {
  const texts = [text, unquoted(text), unquoted(unquoted(text))];
  return Object.entries(spellings).flatMap(([name, spell]) => {
    const [least, whole] = [secret.slice(0, 4), secret].map((part) => spell(part).replace(/=+$/, ""));
    return texts.some((each) => hasStart(each, whole ?? "", least?.length ?? 0)) ? [name] : [];
  });
}

function hasStart(text: string, whole: string, least: number): boolean {
  if (text.includes(whole)) return true;
  for (let length = least; length < whole.length; length += 1) {
    const start = whole.slice(0, length);
    if (text.includes(`${start}…`) || text.endsWith(start)) return true;
  }
  return false;
}

const unquoted = (text: string): string => text.replace(/\\(["\\/])/g, "$1");

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const eachUnit = (text: string, spell: (code: number) => string): string =>
  text
    .split("")
    .map((unit) => spell(unit.charCodeAt(0)))
    .join("");

const eachByte = (text: string, spell: (byte: number) => string): string => [...Buffer.from(text)].map(spell).join("");

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

const names: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "/": "sol",
  "@": "commat",
  "+": "plus",
};
