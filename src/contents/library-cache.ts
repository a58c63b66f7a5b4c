/** What `ldconfig` wrote down of one shared library. */
interface CachedLibrary {
  readonly soname: string;
  readonly path: string;
  /** Kind of library and of processor, as `ld.so` compares it with its own. */
  readonly flags: number;
  /** Folder of `glibc-hwcaps`, such as `x86-64-v3`, for processors that have it; empty for all. */
  readonly processor: string;
}

/**
 * The libraries of an `/etc/ld.so.cache`, in the order in which `ld.so` meets them; the part in the form that glibc reads since 2.2.
 * https://sourceware.org/git/?p=glibc.git;a=blob;f=sysdeps/generic/dl-cache.h;hb=glibc-2.36
 * Throws `RangeError` for one that ends too early.
 */
export function readLibraryCache(file: Buffer): CachedLibrary[] {
  const start = file.indexOf(magic);
  if (start === -1) throw new RangeError("it has not the form of glibc");
  const bytes = file.subarray(start);
  const isBig = bytes[28] === 3;
  const number = (at: number): number => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const text = (at: number): string => bytes.toString("latin1", at, Math.max(at, bytes.indexOf(0, at)));
  const processors = processorsOf(number, text, bytes.length);
  const count = number(magic.length);
  if (headerSize + count * entrySize > bytes.length) throw new RangeError("it ends within an entry");
  return Array.from({ length: count }, (_, index) => {
    const at = headerSize + index * entrySize;
    const [low, high] = isBig ? [20, 16] : [16, 20];
    const isNamed = (number(at + high) & 0x40000000) !== 0;
    return {
      soname: text(number(at + 4)),
      path: text(number(at + 8)),
      flags: number(at),
      processor: isNamed ? (processors[number(at + low)] ?? "") : "",
    };
  });
}

const magic = "glibc-ld.so.cache1.1";
const headerSize = 48;
const entrySize = 24;

/** The names of folders of `glibc-hwcaps`, which stand in an extension behind the entries. */
function processorsOf(number: (at: number) => number, text: (at: number) => string, size: number): string[] {
  const at = number(32);
  if (at === 0 || at + 8 > size || number(at) !== 0xeaa42174) return [];
  const sections = Array.from({ length: Math.min(number(at + 4), 16) }, (_, index) => at + 8 + index * 16);
  const section = sections.find((each) => number(each) === 1);
  if (section === undefined) return [];
  const [offset, length] = [number(section + 8), Math.min(number(section + 12), 4096)];
  return Array.from({ length: length / 4 }, (_, index) => text(number(offset + index * 4)));
}

/** One library on a line. */
export const writeCachedLibraries = (libraries: readonly CachedLibrary[]): string =>
  libraries.map(({ soname, path, flags, processor }) => [soname, path, flags, processor].join("\t")).join("\n");

export const readCachedLibraries = (text: string): CachedLibrary[] =>
  text.split("\n").flatMap((line) => {
    const [soname = "", path = "", flags = "", processor = ""] = line.split("\t");
    return soname === "" ? [] : [{ soname, path, flags: Number(flags), processor }];
  });
