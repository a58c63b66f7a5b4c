/**
 * `machine`: class and `e_machine`, such as `64/62`. `soname`: DT_SONAME, undefined where there is none or it lies beyond the
 * bytes given. Undefined for what is no ELF file. https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 */
export function readElf(bytes: Buffer): { readonly machine: string; readonly soname?: string } | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const elf = reader(bytes);
  const machine = `${elf.wide ? 64 : 32}/${elf.half(18)}`;
  try {
    const soname = sonameOf(elf, bytes);
    return soname === undefined || soname === "" ? { machine } : { machine, soname };
  } catch (cause) {
    if (cause instanceof RangeError) return { machine };
    throw cause;
  }
}

/** Throws `RangeError` for an offset beyond the bytes. */
function sonameOf(elf: Elf, bytes: Buffer): string | undefined {
  const segments = segmentsOf(elf);
  const dynamic = segments.find(({ type }) => type === 2);
  if (!dynamic) return undefined;
  const step = elf.wide ? 16 : 8;
  let [strings, name] = [-1, -1];
  for (let at = dynamic.offset; at < dynamic.offset + Math.min(dynamic.size, 64 * 1024); at += step) {
    const tag = elf.word(at);
    if (tag === 0) break;
    if (tag === 5) strings = elf.word(at + step / 2);
    if (tag === 14) name = elf.word(at + step / 2);
  }
  const holder = segments.find(
    ({ type, address, size }) => type === 1 && strings >= address && strings < address + size,
  );
  if (!holder || name === -1) return undefined;
  const start = strings - holder.address + holder.offset + name;
  const end = bytes.indexOf(0, start);
  return start >= bytes.length || end === -1 || end - start > 255 ? undefined : bytes.toString("latin1", start, end);
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file. */
  readonly size: number;
}

function segmentsOf(elf: Elf): Segment[] {
  const start = elf.word(elf.wide ? 32 : 28);
  const [length, count] = elf.wide ? [elf.half(54), elf.half(56)] : [elf.half(42), elf.half(44)];
  return Array.from({ length: Math.min(count, 256) }, (_, at) => {
    const header = start + at * length;
    const [offset, address, size] = elf.wide ? [8, 16, 32] : [4, 8, 16];
    return {
      type: elf.long(header),
      offset: elf.word(header + offset),
      address: elf.word(header + address),
      size: elf.word(header + size),
    };
  });
}

interface Elf {
  readonly wide: boolean;
  half(at: number): number;
  long(at: number): number;
  /** As wide as an address. */
  word(at: number): number;
}

function reader(bytes: Buffer): Elf {
  const wide = bytes[4] === 2;
  const big = bytes[5] === 2;
  const long = (at: number) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const quad = (at: number) => Number(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
  return {
    wide,
    half: (at) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)),
    long,
    word: wide ? quad : long,
  };
}
