/** A value of R: texts, numbers and lists as they are, everything else `null`. */
export type RValue = string | number | boolean | null | readonly RValue[] | RNamed;

/** A vector or list whose elements have names. */
interface RNamed {
  readonly names: readonly string[];
  readonly values: readonly RValue[];
}

/**
 * The first value of R's serialization in XDR form, versions 2 and 3, as `saveRDS` writes it, uncompressed
 * (R Internals, "Serialization Formats"). Throws for any other form and for what does not end.
 */
export const readRds = (bytes: Buffer): RValue => new RdsReader(bytes).read();

class RdsReader {
  readonly #bytes: Buffer;
  readonly #references: RValue[] = [];
  #at = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): RValue {
    if (this.#bytes.toString("latin1", 0, 2) !== "X\n") throw new Error("it is not in R's XDR form");
    this.#at = 2;
    const version = this.#int();
    this.#at += 8;
    if (version === 3) this.#skip();
    else if (version !== 2) throw new Error(`it is of version ${version} of R's form`);
    return this.#item();
  }

  #item(): RValue {
    if ((this.#depth += 1) > 200) throw new Error("it is nested too deeply");
    const flags = this.#int();
    const value = this.#typed(flags & 0xff, (flags & 0x200) !== 0, (flags & 0x400) !== 0, flags);
    this.#depth -= 1;
    return value;
  }

  #typed(type: number, hasAttributes: boolean, hasTag: boolean, flags: number): RValue {
    if (type === types.pairlist || type === types.call) return this.#pairlist(hasAttributes, hasTag);
    if (type === types.text) return this.#text();
    if (type === types.symbol) return this.#remember(this.#item());
    if (type === types.reference) return this.#references[(flags >> 8 || this.#int()) - 1] ?? null;
    if (type === types.altrep) return this.#altrep();
    const values = this.#vector(type);
    if (values === undefined) return this.#other(type);
    return hasAttributes ? named(values, this.#item()) : values;
  }

  /** Elements of a vector or list; undefined for what is neither. */
  #vector(type: number): RValue[] | undefined {
    if (type === types.logical || type === types.integer) return this.#many(4, () => this.#int());
    if (type === types.real) return this.#many(8, () => this.#double());
    if (type === types.complex) return this.#many(16, () => [this.#double(), this.#double()]);
    if (type === types.texts || type === types.list || type === types.expression)
      return this.#many(4, () => this.#item());
    if (type !== types.raw) return undefined;
    this.#skip();
    return [];
  }

  #other(type: number): RValue {
    if (type === types.package || type === types.namespace) {
      this.#int();
      return this.#remember(this.#many(4, () => this.#item()));
    }
    if (empties.has(type)) return null;
    throw new Error(`it has a value of R's type ${type}`);
  }

  /** Attributes are lists of this kind: their tags are names. */
  #pairlist(hasAttributes: boolean, hasTag: boolean): RValue {
    const [names, values]: [string[], RValue[]] = [[], []];
    for (let [attributes, tag] = [hasAttributes, hasTag]; ; ) {
      if (attributes) this.#item();
      names.push(tag ? asText(this.#item()) : "");
      values.push(this.#item());
      const flags = this.#int();
      const type = flags & 0xff;
      if (type !== types.pairlist) {
        if (type !== types.nothing) this.#typed(type, (flags & 0x200) !== 0, (flags & 0x400) !== 0, flags);
        return { names, values };
      }
      [attributes, tag] = [(flags & 0x200) !== 0, (flags & 0x400) !== 0];
    }
  }

  /** Class, state and attributes; where the state is a vector or a vector in a list, that is the value. */
  #altrep(): RValue {
    this.#item();
    const state = this.#item();
    const attributes = this.#item();
    const wrapped = Array.isArray(state) ? state : isNamed(state) ? state.values : [];
    const values = Array.isArray(wrapped[0]) ? wrapped[0] : wrapped;
    return named(values, attributes);
  }

  #text(): RValue {
    const length = this.#int();
    if (length === -1) return null;
    const start = this.#advance(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  #remember(value: RValue): RValue {
    this.#references.push(value);
    return value;
  }

  #many(least: number, one: () => RValue): RValue[] {
    const count = this.#count();
    if (count * least > this.#bytes.length - this.#at) throw new Error("it ends too early");
    return Array.from({ length: count }, one);
  }

  /** A length and as many bytes. */
  #skip(): void {
    const length = this.#count();
    this.#advance(length);
  }

  #count(): number {
    const count = this.#int();
    if (count < 0 || count > this.#bytes.length) throw new Error("it has a length beyond its end");
    return count;
  }

  #int = (): number => this.#bytes.readInt32BE(this.#advance(4));
  #double = (): number => this.#bytes.readDoubleBE(this.#advance(8));

  #advance(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) throw new Error("it ends too early");
    this.#at += length;
    return start;
  }
}

function named(values: readonly RValue[], attributes: RValue): RValue {
  if (!isNamed(attributes)) return values;
  const at = attributes.names.indexOf("names");
  const names = attributes.values[at];
  return Array.isArray(names) ? { names: names.map(asText), values } : values;
}

export const isNamed = (value: RValue | undefined): value is RNamed =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asText = (value: RValue): string => (typeof value === "string" ? value : "");

/** SEXPTYPE and pseudo-types of Rinternals.h and serialize.c. */
const types = {
  symbol: 1,
  pairlist: 2,
  call: 6,
  text: 9,
  logical: 10,
  integer: 13,
  real: 14,
  complex: 15,
  texts: 16,
  list: 19,
  expression: 20,
  raw: 24,
  altrep: 238,
  package: 247,
  namespace: 249,
  nothing: 254,
  reference: 255,
} as const;

/** Null, the environments that every R has, the missing argument, the unbound value. */
const empties = new Set([0, 254, 253, 252, 251, 242, 241]);
