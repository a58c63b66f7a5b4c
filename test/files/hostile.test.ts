import { Readable } from "node:stream";

import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIndexCache } from "../../src/files/cache.ts";
import { openLayer } from "../../src/files/decompress.ts";
import type { FileIndex } from "../../src/files/index.ts";
import { obtainIndex } from "../../src/files/obtain.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { encodeTarHeader, tarEnd, tarPadding } from "../../src/oci/tar.ts";
import { chunks, type Item, indexOf, pathsOf, tarOf } from "./support.ts";

/** A header of any type, as no writer of archives writes it. */
function raw(typeflag: string, text: string): Buffer {
  const header = encodeTarHeader({ type: "file", path: "x", mode: 0, uid: 0, gid: 0, mtime: 0, size: text.length });
  header.write(typeflag, 156, "latin1");
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, Buffer.from(text), tarPadding(text.length)]);
}

const pax = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + String(rest.length).length).length;
  return `${rest.length + digits}${rest}`;
};

/** A block of 128 KiB zeros in four bytes. */
const repeated = Buffer.from([0x02, 0x00, 0x10, 0x00]);
/** RFC 8878, 3.1.2 */
const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);

/** A frame of these blocks; the last byte of its head says how large the window is. */
const zstdOf = (blocks: readonly Buffer[], window = 0x50): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]), ...blocks, Buffer.from([0x01, 0x00, 0x00])]);

const file = (path: string): Buffer => tarOf([{ path }]).subarray(0, -1024);
const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

const gzipped = (tar: Buffer) => ({ bytes: gzipSync(tar), diffId: sha256Digest(tar), mediaType: oci.layerGzip });
type Layer = { bytes: Buffer; diffId: string; mediaType: string };

/** The index of an image of one layer; `size`: what its manifest says. */
async function indexed({ bytes, diffId, mediaType }: Layer, size = bytes.length): Promise<FileIndex> {
  const layer = { mediaType, digest: sha256Digest(bytes), size };
  return obtainIndex(
    {
      name: "example.org/base:1",
      diffIds: [diffId as never],
      layers: [layer],
      openBlob: async () => Readable.from(chunks(bytes, 16_384), { objectMode: false }),
      attached: async () => undefined,
    },
    createIndexCache("/dev/null"),
  );
}

describe("a layer", () => {
  it.each([
    ["attributes of a megabyte", many(3, () => raw("x", pax("SCHILY.xattr.user.a", "v".repeat(999_000)))), "extended"],
    [
      "a thousand small PAX headers before an entry",
      many(1000, (at) => raw("x", pax(`k${at}`, "1"))),
      "64 extended headers",
    ],
    ["a long name after another", many(1000, () => raw("L", "name\0")), "64 extended headers"],
    ["300,000 PAX records", many(2, () => [raw("x", "6 a=b\n".repeat(150_000)), file("f")]).flat(), "PAX records"],
    ["a link of 60,000 names", [raw("K", `${"a/".repeat(60_000)}\0`), file("f")], "longer than 4095 bytes"],
    ["a path of 8 kB", [raw("L", `${"a/".repeat(4096)}\0`), file("f")], "longer than 4095 bytes"],
  ])("of %s is refused, named with its image", async (_, parts, why) => {
    const failure = indexed(gzipped(Buffer.concat([...parts, tarEnd()])));
    await expect(failure).rejects.toThrow(
      /layer 1 of 1 of example\.org\/base:1 \(sha256:[0-9a-f]{64}\) cannot be read: /,
    );
    await expect(failure).rejects.toThrow(why);
  });

  it("of far more entries than its size can account for is refused", async () => {
    const folder = Buffer.concat(many(200, (at) => [raw("L", `${at}${"/d".repeat(2000)}\0`), file("f")]).flat());
    const member = gzipSync(folder);
    const bytes = Buffer.concat(many(40, () => member));
    await expect(indexed({ bytes, diffId: "", mediaType: oci.layerGzip })).rejects.toThrow("more entries, names and");
  });

  it("whose links lead its entries through half a million names is refused", async () => {
    const through = (at: number): Item => ({
      path: `l${at}`,
      type: "symlink",
      linkname: `${"./".repeat(1500)}l${at + 1}`,
    });
    const tar = tarOf([...many(30, through), ...many(100, (at) => ({ path: `l0/x${at}/f` }))]);
    await expect(indexed(gzipped(tar))).rejects.toThrow("too long to follow");
  });

  it("that becomes a thousand times longer is given up", async () => {
    const member = gzipSync(Buffer.alloc(8_000_000));
    const bytes = Buffer.concat(many(40, () => member));
    const layer = { mediaType: oci.layerGzip, size: 1000 };
    const read = async (): Promise<void> => {
      for await (const _ of openLayer(layer, Readable.from(chunks(bytes), { objectMode: false })));
    };
    await expect(read()).rejects.toThrow("much longer than its compressed size");
  });

  it.each([
    ["gzip", oci.layerGzip, tarOf([{ path: "a" }]), "is called gzip by its media type and is a plain tar"],
    ["gzip", oci.layerGzip, Buffer.from("rubbish"), "is called gzip by its media type and is something else"],
    ["a plain tar", oci.layer, gzipSync(tarOf([{ path: "a" }])), "is called a plain tar by its media type and is gzip"],
    ["zstd", oci.layerZstd, gzipSync(tarOf([{ path: "a" }])), "is called zstd by its media type and is gzip"],
    ["gzip", oci.layerGzip, gzipSync(tarOf([{ path: "a" }])).subarray(0, -20), "unexpected end of file"],
  ])("called %s that is not is refused, named with its image", async (_, mediaType, bytes, why) => {
    await expect(indexed({ bytes, mediaType, diffId: "" })).rejects.toThrow(
      `layer 1 of 1 of example.org/base:1 (${sha256Digest(bytes)}) cannot be read: `,
    );
    await expect(indexed({ bytes, mediaType, diffId: "" })).rejects.toThrow(why);
  });

  it("is no longer read when the run is interrupted, though all of it has come", async () => {
    const interrupt = new AbortController();
    const blob = Readable.from([zstdOf(many(60_000, () => repeated))], { objectMode: false });
    const read = async (): Promise<void> => {
      for await (const _ of openLayer({ mediaType: oci.layerZstd, size: 2 ** 40 }, blob, interrupt.signal))
        interrupt.abort(new Error("stopped"));
    };
    await expect(read()).rejects.toThrow("stopped");
  });
});

describe("a layer compressed with zstd", () => {
  /** `zstd -19 --check` of a tar with /etc/passwd. */
  const real = Buffer.from(
    "KLUv/WQACTUDAHIEDxGgb2ChR+Y1AJwQWCK5dfSFFAza7OdSf7//fQqh9MDDhxBmEGKWnRPFVpSxO0tEZ+US2M05zqUc51aUBQ8gQG3LxeadPwXgYCon47fHDjghKSgAz2CVDhgp30pwwKAAxhN9A1+r3Bs=",
    "base64",
  );
  const diffId = "cb04f5e8fc81931c4f9b3fed7b945a4109e482b59681fee321ec2e5b1f36b22c";

  it.each([
    ["one frame", real],
    ["frames one after the other, some to be skipped", Buffer.concat([skipped, real, skipped])],
  ])("is read, of %s", async (_, bytes) => {
    const index = await indexed({ bytes, diffId: `sha256:${diffId}`, mediaType: oci.layerZstd });
    expect(pathsOf(index)).toEqual(["etc", "etc/passwd"]);
    expect(index.accounts.passwd).toBe("root:x:0:0::/:/bin/sh\n");
  });

  it.each([
    ["is cut off", real.subarray(0, -9), "ends within its zstd data"],
    ["has other bytes", Buffer.concat([real.subarray(0, -1), Buffer.of(0)]), "its checksum is wrong"],
    ["asks for a window of 2 GiB", zstdOf([repeated], 0xa8), "window is larger than 128 MiB"],
  ])("that %s is refused", async (_, bytes, why) => {
    await expect(indexed({ bytes, diffId, mediaType: oci.layerZstd })).rejects.toThrow(why);
  });
});

type Change = { readonly path: string; readonly kind: "file" | "folder" | "removed" | "emptied" };

/** Leaves are called x, y and z, folders otherwise; what begins alike stands between a folder and what is in it. */
const change: fc.Arbitrary<Change> = fc
  .record({
    folder: fc.constantFrom("", "p/", "p/q/", "p!/", "p.r/", "s t/", "s%/"),
    name: fc.constantFrom("x", "y", "z.x", "z x", "z/"),
    kind: fc.constantFrom<("file" | "removed" | "emptied")[]>("file", "file", "removed", "emptied"),
  })
  .map(({ folder, name, kind }) => {
    if (kind === "emptied") return { path: folder, kind };
    return { path: `${folder}${name}`, kind: kind === "file" && name === "z/" ? "folder" : kind };
  });

const itemOf = ({ path, kind }: Change): Item => {
  if (kind === "emptied") return { path: `${path}.wh..wh..opq` };
  return { path: kind === "removed" ? path.replace(/([^/]+)\/?$/, ".wh.$1") : path };
};

/** What the layers leave of each other, worked out path by path. */
function withLayer(below: ReadonlySet<string>, changes: readonly Change[]): Set<string> {
  const gone = (path: string): boolean =>
    changes.some(({ kind, path: at }) => {
      if (kind === "emptied") return path !== at && path.startsWith(at);
      return kind === "removed" && (path === at || path.startsWith(`${at.replace(/\/$/, "")}/`));
    });
  const paths = new Set([...below].filter((path) => !gone(path)));
  for (const { path, kind } of changes) {
    if (kind !== "file" && kind !== "folder") continue;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      paths.add(path.slice(0, slash + 1));
    paths.add(path);
  }
  return paths;
}

describe("layers one over the other", () => {
  it("leave what a walk through all paths leaves", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 5 }), async (layers) => {
        const expected = layers.reduce<Set<string>>(withLayer, new Set());
        const index = await indexOf(...layers.map((changes) => changes.map(itemOf)));
        expect(pathsOf(index).sort()).toEqual([...expected].map((path) => path.replace(/\/$/, "")).sort());
        expect([...index.children("")].map(({ path }) => path).sort()).toEqual(
          pathsOf(index)
            .filter((path) => !path.includes("/"))
            .sort(),
        );
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
