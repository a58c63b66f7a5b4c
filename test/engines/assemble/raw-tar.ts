/** One entry as it stands in a tar, for what the project's own writer never writes. */
export interface RawEntry {
  readonly name: string;
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly link?: string;
  /** What stands behind the header. */
  readonly body?: Buffer | string;
  /** What the header says of it; by default the length of the body. */
  readonly size?: number;
  /** Written as a PAX header before the entry. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Bytes put into the header, by offset, before its checksum is taken. */
  readonly patches?: readonly (readonly [number, string])[];
  readonly magic?: string;
}

/** `end`: what stands behind the last entry; two blocks of zeros by default. */
export const rawTar = (entries: readonly RawEntry[], end: Buffer = Buffer.alloc(1024)): Buffer =>
  Buffer.concat([...entries.map(rawEntry), end]);

function rawEntry(entry: RawEntry): Buffer {
  const body = Buffer.from(entry.body ?? "");
  const pax = entry.pax ? [rawEntry({ name: "PaxHeaders/x", type: "x", body: paxBody(entry.pax) })] : [];
  return Buffer.concat([...pax, header(entry, entry.size ?? body.length), padded(body)]);
}

const padded = (body: Buffer): Buffer => Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);

function paxBody(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const length = Buffer.byteLength(rest);
      const digits = String(length + String(length).length).length;
      return `${length + digits}${rest}`;
    })
    .join("");
}

function header(entry: RawEntry, size: number): Buffer {
  const { name, type = "0", mode = 0o644, uid = 0, gid = 0, mtime = 0, link = "", magic = "ustar\x0000" } = entry;
  const block = Buffer.alloc(512);
  const put = (text: string, at: number): void => void block.write(text, at, "latin1");
  put(Buffer.from(name).toString("latin1").slice(0, 100), 0);
  put(octal(mode, 7), 100);
  put(octal(uid, 7), 108);
  put(octal(gid, 7), 116);
  put(octal(size, 11), 124);
  put(octal(mtime, 11), 136);
  put(" ".repeat(8), 148);
  put(type, 156);
  put(link, 157);
  put(magic, 257);
  for (const [at, text] of entry.patches ?? []) put(text, at);
  const sum = block.reduce((all, byte) => all + byte, 0);
  put(`${octal(sum, 6)}\0 `, 148);
  return block;
}

export const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

/** A file of `size` bytes that holds `data` at `offset` and zeros elsewhere, as GNU tar writes it in each of its formats. */
export const sparse = {
  gnu: (name: string, size: number, offset: number, data: string): RawEntry => ({
    name,
    type: "S",
    magic: "ustar  \0",
    body: data,
    patches: [
      [386, `${octal(offset, 11)}\0${octal(data.length, 11)}`],
      [410, `${octal(size, 11)}\0${octal(0, 11)}`],
      [483, octal(size, 11)],
    ],
  }),
  "0.0": (name: string, size: number, offset: number, data: string): RawEntry => ({
    name,
    body: data,
    pax: {
      "GNU.sparse.size": `${size}`,
      "GNU.sparse.numblocks": "1",
      "GNU.sparse.offset": `${offset}`,
      "GNU.sparse.numbytes": `${data.length}`,
    },
  }),
  "0.1": (name: string, size: number, offset: number, data: string): RawEntry => ({
    name: `GNUSparseFile.0/${name}`,
    body: data,
    pax: {
      "GNU.sparse.size": `${size}`,
      "GNU.sparse.numblocks": "1",
      "GNU.sparse.name": name,
      "GNU.sparse.map": `${offset},${data.length}`,
    },
  }),
  "1.0": (name: string, size: number, offset: number, data: string): RawEntry => ({
    name: `GNUSparseFile.0/${name}`,
    body: Buffer.concat([padded(Buffer.from(`1\n${offset}\n${data.length}\n`)), Buffer.from(data)]),
    pax: {
      "GNU.sparse.major": "1",
      "GNU.sparse.minor": "0",
      "GNU.sparse.name": name,
      "GNU.sparse.realsize": `${size}`,
    },
  }),
};
