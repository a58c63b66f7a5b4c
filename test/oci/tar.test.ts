import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { decodePath, encodePath } from "../../src/oci/path-bytes.ts";
import { cleanEntryPath, encodeTarHeader, readTar, type TarEntry, tarEnd, tarPadding } from "../../src/oci/tar.ts";

const file: TarEntry = { type: "file", path: "a", mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 };
const long = (length: number, letter = "x"): string => letter.repeat(length);

const archive = (...entries: readonly (readonly [TarEntry, Buffer?])[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap(([entry, body]) => [encodeTarHeader(entry), body ?? Buffer.alloc(0), tarPadding(entry.size)]),
    tarEnd(),
  ]);

async function* inChunks(bytes: Buffer, size = 97): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Buffer, size?: number): Promise<[TarEntry, string][]> {
  const found: [TarEntry, string][] = [];
  for await (const { entry, body } of readTar(inChunks(bytes, size))) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(part);
    found.push([entry, Buffer.concat(parts).toString("latin1")]);
  }
  return found;
}

const samples: readonly TarEntry[] = [
  file,
  { ...file, path: "etc/passwd", mode: 0o4755, uid: 1000, gid: 100, mtime: 1_700_000_000 },
  { ...file, type: "directory", path: "opt/conda", mode: 0o1777 },
  { ...file, type: "symlink", path: "lib", linkname: "usr/lib", mode: 0o777 },
  { ...file, type: "hardlink", path: "b", linkname: "a" },
  { ...file, type: "character", path: "dev/null", devmajor: 1, devminor: 3 },
  { ...file, type: "block", path: "dev/sda", devmajor: 8, devminor: 0 },
  { ...file, type: "fifo", path: "run/pipe" },
  { ...file, path: `${long(90)}/${long(90)}` },
  { ...file, path: long(101) },
  { ...file, path: `${long(156)}/${long(20)}` },
  { ...file, path: `${long(120)}/${long(120)}/${long(120)}` },
  { ...file, type: "directory", path: long(100, "d") },
  { ...file, type: "symlink", path: "l", linkname: long(101, "t") },
  { ...file, path: "größe/日本.txt" },
  { ...file, path: decodePath(Buffer.from([0x61, 0xff, 0x2f, 0xe9])) },
  { ...file, uid: 2_097_151, gid: 2_097_151 },
  { ...file, uid: 2_097_152, gid: 3_000_000_000 },
  { ...file, mtime: -1 },
  { ...file, xattrs: { "user.a": "1", "security.capability": decodePath(Buffer.from([1, 0, 0, 2, 0xff, 0, 10])) } },
];

describe("a tar written here", () => {
  it.each(samples.map((entry) => [`${entry.type} ${entry.path.slice(0, 20)}`, entry] as const))(
    "is read back as it was: %s",
    async (_, entry) => {
      expect(await readAll(archive([entry]))).toEqual([[entry, ""]]);
    },
  );

  it("keeps contents of any length, in chunks of any length", async () => {
    const bodies = [0, 1, 511, 512, 513, 5000].map((size) => Buffer.alloc(size, size % 251));
    const bytes = archive(...bodies.map((body, at) => [{ ...file, path: `f${at}`, size: body.length }, body] as const));
    for (const size of [1, 512, 1024, 1 << 20]) {
      const read = await readAll(bytes, size);
      expect(read.map(([, body]) => body)).toEqual(bodies.map((body) => body.toString("latin1")));
    }
  });

  it("keeps any path, link and attribute, whatever their bytes", async () => {
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((bytes) => decodePath(Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte)))));
    await fc.assert(
      fc.asyncProperty(name, name, name, async (path, linkname, value) => {
        const entry: TarEntry = { ...file, type: "symlink", path, linkname, xattrs: { "user.x": value } };
        expect(await readAll(archive([entry]))).toEqual([[entry, ""]]);
      }),
      { numRuns: 200 },
    );
  });

  it("splits a long ASCII path into ustar's prefix, and uses PAX only where that does not do", () => {
    expect(encodeTarHeader({ ...file, path: `${long(90)}/${long(90)}` })).toHaveLength(512);
    expect(encodeTarHeader({ ...file, path: `${long(156)}/${long(20)}` }).length).toBeGreaterThan(512);
    expect(encodeTarHeader({ ...file, path: "ä" }).length).toBe(3 * 512);
  });

  it("writes PAX records sorted, with lengths that count themselves, as Go does", () => {
    const header = encodeTarHeader({ ...file, path: `d/${long(90)}`, uid: 3_000_000, xattrs: { "user.b": long(85) } });
    expect(header.toString("latin1", 0, 20)).toBe("d/PaxHeaders.0/xxxxx");
    expect(header.toString("latin1", 512, 1024).replace(/\0+$/, "")).toBe(
      `110 SCHILY.xattr.user.b=${long(85)}\n15 uid=3000000\n`,
    );
    expect(header.toString("latin1", 1024 + 108, 1024 + 116)).toBe("0000000\0");
  });

  it("refuses a mode or a name that no archive can hold", () => {
    expect(() => encodeTarHeader({ ...file, mode: 0o100644 })).toThrow("its mode is 100644");
    expect(() => encodeTarHeader({ ...file, path: "a\0b" })).toThrow("zero byte");
    expect(() => encodeTarHeader({ ...file, xattrs: { "a=b": "" } })).toThrow("extended attribute");
  });
});

describe("GNU tar", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tar-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("lists what was written here", () => {
    const entries = samples.filter(({ path, type }) => type !== "hardlink" && !path.includes("\udcff"));
    writeFileSync(join(folder, "ours.tar"), archive(...entries.map((entry) => [entry] as const)));
    const listed = execFileSync("tar", ["--quoting-style=literal", "-tf", "ours.tar"], { cwd: folder, stdio: "pipe" });
    const expected = entries.map(({ type, path }) => (type === "directory" ? `${path}/` : path));
    expect(decodePath(listed).trimEnd().split("\n")).toEqual(expected);
  });

  it.each(["gnu", "pax", "ustar", "v7"])("is read in its format %s", async (format) => {
    const names = [
      "short",
      ...(format === "v7" ? [] : [`${long(60)}/${long(60)}`]),
      ...(format === "gnu" || format === "pax" ? [long(180)] : []),
    ];
    for (const name of names) {
      execFileSync("mkdir", ["-p", join(folder, format, name, "..")]);
      writeFileSync(join(folder, format, name), `content of ${name}`);
    }
    const options = [`--format=${format}`, "--owner=1234", "--group=100", "--mtime=@1600000000", "--sort=name"];
    execFileSync("tar", [...options, "-cf", join(folder, `${format}.tar`), "."], { cwd: join(folder, format) });
    const read = await readAll(readFileSync(join(folder, `${format}.tar`)), 4096);
    const files = read.filter(([entry]) => entry.type === "file");
    expect(files.map(([entry, body]) => [cleanEntryPath(entry.path), body])).toEqual(
      names.sort().map((name) => [name, `content of ${name}`]),
    );
    expect(files.every(([entry]) => entry.uid === 1234 && entry.gid === 100 && entry.mtime === 1_600_000_000)).toBe(
      true,
    );
    expect(read[0]?.[0]).toMatchObject({ type: "directory", path: "." });
  });
});

describe("a broken tar", () => {
  const whole = archive([{ ...file, size: 1000 }, Buffer.alloc(1000, 1)], [{ ...file, path: long(150) }]);

  it.each([
    ["cut within a header", whole.subarray(0, 300), "ends within a header"],
    ["cut within a content", whole.subarray(0, 900), "ends within the content of a"],
    ["cut within a PAX header", whole.subarray(0, 512 + 1024 + 600), "ends within a header"],
    ["of zero-filled garbage", Buffer.alloc(1024, "garbage"), "not octal|wrong checksum"],
    ["with a flipped bit", Buffer.from(whole).fill(1, 3, 4), "wrong checksum"],
    ["with a sparse file", retyped(encodeTarHeader(file), "S"), "sparse"],
    ["with an unknown type", retyped(encodeTarHeader(file), "Z"), 'unknown type "Z"'],
    ["with a huge long name", retyped(encodeTarHeader({ ...file, size: 2 ** 21 }), "L"), "larger than"],
    ["with a record longer than its header", paxOf("99 path=a\n"), "malformed"],
    ["with a record without end", paxOf("9 path=ab"), "malformed"],
    ["with a zero byte in a name", paxOf("12 path=a\0b\n"), "zero byte"],
    ["with a wrong number", paxOf("9 uid=ab\n"), "wrong uid"],
  ])("is refused in words: %s", async (_, bytes, message) => {
    const failure = await readAll(bytes).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(FailedError);
    expect(String(failure)).toMatch(new RegExp(message));
  });

  function retyped(header: Buffer, flag: string): Buffer {
    const block = Buffer.from(header.subarray(0, 512));
    block.write(flag, 156);
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    return block;
  }

  function paxOf(records: string): Buffer {
    const body = Buffer.from(records, "latin1");
    const header = retyped(encodeTarHeader({ ...file, size: body.length }), "x");
    return Buffer.concat([header, body, tarPadding(body.length), encodeTarHeader(file)]);
  }

  it("is read or refused in words, whichever byte is wrong", async () => {
    const bytes = archive(...samples.map((entry) => [entry] as const));
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), async (changes, reseal) => {
        const wrong = Buffer.from(bytes);
        for (const [at, value] of changes) wrong[at] = value;
        if (reseal) for (const [at] of changes) sealHeader(wrong, at - (at % 512));
        const outcome = await readAll(wrong).catch((thrown: unknown) => thrown);
        expect(Array.isArray(outcome) || outcome instanceof FailedError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  /** As if the wrong byte had been written so: the checksum does not give it away. */
  function sealHeader(bytes: Buffer, start: number): void {
    const block = bytes.subarray(start, start + 512);
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
  }

  it("is read by a reader that stops early and closes its source", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        yield* inChunks(whole);
      } finally {
        closed = true;
      }
    }
    for await (const { entry } of readTar(source())) {
      expect(entry.path).toBe("a");
      break;
    }
    expect(closed).toBe(true);
  });
});

describe("a reader", () => {
  it("reads what comes behind the end, so that a source which is checked at its end fails", async () => {
    async function* source(): AsyncGenerator<Buffer> {
      yield archive([file]);
      yield Buffer.alloc(5000, "rest");
      throw new Error("wrong digest");
    }
    const read = async (): Promise<void> => {
      for await (const { entry } of readTar(source())) expect(entry.path).toBe("a");
    };
    await expect(read()).rejects.toThrow("wrong digest");
  });
});

describe("a path in an archive", () => {
  it.each([
    ["./a//b/", "a/b"],
    ["/etc", "etc"],
    ["a/../b", "b"],
    ["./", ""],
    ["..", undefined],
    ["a/../../b", undefined],
  ])("%s is cleaned to %s", (path, clean) => expect(cleanEntryPath(path)).toBe(clean));

  it.each([
    "ed a0 80",
    "ed bf bf",
    "e0 80 80",
    "f0 80 80 80",
    "f4 90 80 80",
    "c0 80",
    "c1 bf",
    "ef bf bd ff",
    "e2 82",
    "61 e2 82 ac ff 62",
  ])("survives although it looks like UTF-8: %s", (hex) => {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    expect(encodePath(decodePath(bytes))).toEqual(bytes);
  });

  it("survives the way through a string, byte by byte", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => encodePath(decodePath(Buffer.from(bytes))).equals(Buffer.from(bytes))),
    );
  });
});
