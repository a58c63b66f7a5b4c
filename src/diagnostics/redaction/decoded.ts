/**
 * A text in bytes (one character of `bytes` for each), perhaps after a layer of escapes was taken off. Every byte knows which
 * bytes of the first text it was made of, by `startOf` and `endOf`.
 */
export interface Decoded {
  readonly bytes: string;
  /** Undefined in the first text itself. */
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
}

/** Of a byte: where in the first text what it was made of begins, inclusive. */
export const startOf = ({ starts }: Decoded, at: number): number => starts?.[at] ?? at;

/** Where it ends, exclusive. */
export const endOf = ({ ends }: Decoded, at: number): number => ends?.[at] ?? at + 1;

/** UTF-8, as a string of characters below 256. */
export const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Kinds of escapes: those of JSON and of programming languages, those of addresses and forms, those of HTML. */
type Escapes = keyof typeof patterns;

/** Takes one layer off; undefined where there is none. A `+` of a form stays, since only its reader can tell it from a plus. */
export function unescaped(given: Decoded, kind: Escapes): Decoded | undefined {
  const { bytes } = given;
  const made = { bytes: "", starts: [] as number[], ends: [] as number[] };
  let done = 0;
  const copyTo = (end: number): void => {
    made.bytes += bytes.slice(done, end);
    for (; done < end; done += 1) {
      made.starts.push(startOf(given, done));
      made.ends.push(endOf(given, done));
    }
  };
  for (const match of bytes.matchAll(patterns[kind])) {
    const value = valueOf(match);
    if (value === undefined) continue;
    copyTo(match.index);
    done += match[0].length;
    made.bytes += value;
    for (let byte = 0; byte < value.length; byte += 1) {
      made.starts.push(startOf(given, match.index));
      made.ends.push(endOf(given, done - 1));
    }
  }
  if (done === 0) return undefined;
  copyTo(bytes.length);
  return made;
}

const patterns = {
  backslashes:
    /\\u(?<high>d[89ab][0-9a-f]{2})\\u(?<low>d[c-f][0-9a-f]{2})|\\u(?<unit>[0-9a-f]{4})|\\u\{(?<point>[0-9a-f]{1,6})\}|\\x(?<byte>[0-9a-f]{2})|\\(?<octal>[0-3][0-7]{2})|\\(?<one>[^ux])/gi,
  percents: /%(?<byte>[0-9a-f]{2})|%u(?<unit>[0-9a-f]{4})/gi,
  entities: /&#(?<decimal>[0-9]{1,7});?|&#x(?<point>[0-9a-f]{1,6});?|&(?<name>[a-z]+);/gi,
} as const;

export const escapes: readonly Escapes[] = ["backslashes", "percents", "entities"];

function valueOf({ groups = {} }: RegExpMatchArray): string | undefined {
  const { high, low, unit, point, byte, octal, one, decimal, name } = groups;
  if (high !== undefined && low !== undefined) return bytesOf(String.fromCharCode(hex(high), hex(low)));
  if (byte !== undefined) return String.fromCharCode(hex(byte));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (one !== undefined) return controls[one] ?? one;
  if (name !== undefined) return named[name.toLowerCase()];
  const wanted = unit ?? point;
  const code = wanted === undefined ? Number(decimal) : hex(wanted);
  return code <= 0x10ffff ? bytesOf(String.fromCodePoint(code)) : undefined;
}

const hex = (digits: string): number => Number.parseInt(digits, 16);

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** Each is the name of a sign, with the sign behind it. */
const signs =
  "amp& lt< gt> quot\" apos' sol/ bsol\\ colon: commat@ num# plus+ equals= percnt% excl! dollar$ lpar( rpar) ast* comma, period. semi; quest? lsqb[ lbrack[ rsqb] rbrack] hat^ lowbar_ grave` lcub{ lbrace{ rcub} rbrace} verbar| vert| hyphen- dash- tab\t newline\n";

const named: Readonly<Record<string, string>> = Object.fromEntries(
  signs.split(" ").map((each) => [each.slice(0, -1), each.slice(-1)]),
);

/** A run of characters that may be base64 or hexadecimal, by its place in a decoded text, and the bytes it may stand for. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly bytes: string;
}

/** Every run is read from each of its first characters, since what stands before it may look like a part of it. */
export function* blocksOf({ bytes }: Pick<Decoded, "bytes">): Generator<Block> {
  for (const { encoding, pattern, group } of encodings) {
    for (const { 0: run, index: start } of bytes.matchAll(pattern)) {
      const digits = run.replace(/[\r\n=]/g, "");
      for (let skip = 0; skip < group; skip += 1) {
        const content = Buffer.from(digits.slice(skip), encoding).toString("latin1");
        yield { start, end: start + run.length, bytes: content };
      }
    }
  }
}

/** Both alphabets of base64, also wrapped into lines. */
const encodings = [
  { encoding: "base64", pattern: /[\w+/-]{6,}={0,2}(?:\r?\n[\w+/-]+={0,2})*/g, group: 4 },
  { encoding: "hex", pattern: /[0-9a-f]{8,}/gi, group: 2 },
] as const;
