/** A field of a `--mount` value: `key=value` or `key`. `start` and `end` are that of the value, or of the key alone. */
interface MountField {
  readonly key: string;
  readonly value?: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The fields of one line of CSV as Go's encoding/csv reads them: a field may be in double quotes, in which `""` is one.
 * Undefined where Go finds an error. Offsets are in `text`.
 */
export function readMountFields(text: string): MountField[] | undefined {
  if (text === "") return undefined;
  const fields: MountField[] = [];
  let at = 0;
  while (at <= text.length) {
    const field = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    if (field === undefined) return undefined;
    fields.push(toField(text, field.places));
    at = field.end + 1;
  }
  return fields;
}

interface RawField {
  readonly places: readonly number[];
  /** Where its comma stands, or the end of the text. */
  readonly end: number;
}

function readBare(text: string, start: number): RawField | undefined {
  const comma = text.indexOf(",", start);
  const end = comma === -1 ? text.length : comma;
  const places = Array.from({ length: end - start }, (_, index) => start + index);
  return places.some((place) => text[place] === '"') ? undefined : { places, end };
}

function readQuoted(text: string, start: number): RawField | undefined {
  const places: number[] = [];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') places.push(at);
    else if (text[at + 1] === '"') places.push(++at);
    else return at + 1 === text.length || text[at + 1] === "," ? { places, end: at + 1 } : undefined;
  }
  return undefined;
}

function toField(text: string, places: readonly number[]): MountField {
  const field = places.map((place) => text[place]).join("");
  const equals = field.indexOf("=");
  const from = equals + 1;
  const start = places[from] ?? (places.at(-1) ?? 0) + 1;
  const end = from < places.length ? (places.at(-1) ?? 0) + 1 : start;
  if (equals === -1) return { key: field.toLowerCase(), start: places[0] ?? start, end };
  return { key: field.slice(0, equals).toLowerCase(), value: field.slice(from), start, end };
}
