import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { oci } from "../../src/oci/media-types.ts";
import { archive, entry, gzipped, type Layer, link, many, raw, record, repeatedMember, zeros } from "./tars.ts";

/** One hostile input: a base image, and what is built on it. */
export interface Sample {
  readonly name: string;
  readonly layers: () => readonly Layer[];
  /** Behind FROM; copies a file to a folder of the base unless said. */
  readonly dockerfile?: string;
  /** Beside the Dockerfile. */
  readonly files?: () => Readonly<Record<string, Buffer | string>>;
  /** Changes the config of the base image. */
  readonly config?: () => Record<string, unknown>;
}

const copy = "COPY data /data/\n";
const folder = entry("opt", { type: "directory", mode: 0o755 });
const innocentLayer = (): Layer[] => [
  gzipped([folder, entry("etc/passwd", {}, Buffer.from("root:x:0:0::/:/bin/sh\n"))]),
];

export const innocent: Sample = { name: "an innocent layer", layers: innocentLayer };

const big = "v".repeat(1_000_000);
const long = (at: number): string => `${many(31, (level) => `${at}-${level}`.padEnd(255, "p")).join("/")}/${at}`;

export const samples: readonly Sample[] = [
  {
    name: "300 PAX headers of 1 MB of xattrs",
    layers: () => [repeatedMember(300, [raw("x", Buffer.from(record("SCHILY.xattr.user.a", big))), entry("f")])],
  },
  {
    name: "xattrs of 60 kB at 20,000 entries",
    layers: () => {
      const xattrs = { "user.a": "v".repeat(60_000) };
      return [
        repeatedMember(
          200,
          many(100, (at) => entry(`f${at}`, { xattrs })),
        ),
      ];
    },
  },
  {
    name: "60,000 small PAX headers before one entry",
    layers: () => [gzipped([...many(60_000, (at) => raw("x", Buffer.from(record(`k${at}`, "1")))), entry("f")])],
  },
  {
    name: "60,000 long names (L, K) before one entry",
    layers: () => [gzipped([...many(60_000, (at) => raw(at % 2 ? "L" : "K", Buffer.from("name\0"))), entry("f")])],
  },
  {
    name: "170,000 PAX records before each of 300 entries",
    layers: () => [repeatedMember(300, [raw("x", Buffer.from("6 a=b\n".repeat(170_000))), entry("f")])],
  },
  {
    name: "19 PAX records before each of 150,000 entries",
    layers: () => [
      repeatedMember(1500, many(100, (at) => [raw("x", Buffer.from("6 a=b\n".repeat(19))), entry(`f${at}`)]).flat()),
    ],
  },
  {
    name: "a link of 60,000 components",
    layers: () => [
      gzipped([
        raw("K", Buffer.from(`${"a/".repeat(60_000)}\0`)),
        entry("data", { type: "symlink", linkname: "a" }),
        entry("data/f"),
      ]),
    ],
  },
  {
    name: "links that fan out: each leads twice through the one before",
    layers: () => [
      gzipped([
        entry("d", { type: "directory", mode: 0o755 }),
        link("l0", "d"),
        ...many(60, (at) => link(`l${at + 1}`, `l${at}/../l${at}/../l${at}`)),
        ...many(5_000, (at) => entry(`l60/x${at}/f`)),
        link("data", "/l60"),
      ]),
    ],
  },
  {
    name: "20,000 entries behind 40 links of 4 kB each",
    layers: () => [
      gzipped([
        ...many(40, (at) => link(`l${at}`, `${"./".repeat(2040)}l${at + 1}`)),
        ...many(20_000, (at) => entry(`l0/x${at}/f`)),
        link("data", "/l0"),
      ]),
    ],
  },
  {
    name: "a circle of links",
    layers: () => [gzipped([link("a", "b"), link("b", "a"), entry("a/f"), link("data", "/a/b")])],
  },
  {
    name: "150,000 paths of 8 kB",
    layers: () => [
      repeatedMember(1500, many(100, (at) => [raw("L", Buffer.from(`${long(at)}\0`)), entry("f")]).flat()),
    ],
  },
  {
    name: "20,000 paths of 4 kB",
    layers: () => [
      gzipped(many(20_000, (at) => [raw("L", Buffer.from(`${long(at).slice(-4000)}\0`)), entry("f")]).flat(), 1),
    ],
  },
  {
    name: "400,000 empty files",
    layers: () => [
      gzipped(
        many(400_000, (at) => entry(`f${at}`)),
        1,
      ),
    ],
  },
  {
    name: "200,000 hard links of a file with 60 kB of xattrs",
    layers: () => [
      gzipped([
        entry("f", { xattrs: { "user.a": "v".repeat(60_000) } }),
        ...many(200_000, (at) => entry(`h${at}`, { type: "hardlink", linkname: "f" })),
      ]),
    ],
  },
  {
    name: "a chain of 200,000 hard links",
    layers: () => [
      gzipped([entry("h0"), ...many(200_000, (at) => entry(`h${at + 1}`, { type: "hardlink", linkname: `h${at}` }))]),
    ],
  },
  {
    name: "120,000 whiteouts over 100,000 files",
    layers: () => [
      gzipped(many(100_000, (at) => entry(`f${at}`))),
      gzipped(
        many(120_000, (at) => entry(`.wh.f${at}`)),
        1,
      ),
    ],
  },
  {
    name: "folders 2,000 deep, 200 times",
    layers: () => [
      gzipped(
        many(200, (at) => raw("L", Buffer.from(`${at}${"/d".repeat(2000)}\0`))).flatMap((name) => [name, entry("f")]),
      ),
    ],
    dockerfile: "COPY --from=BASE / /copy/\n",
  },
  {
    name: "490 layers over 100,000 files",
    layers: () => [gzipped(many(100_000, (at) => entry(`f${at}`))), ...many(489, (at) => gzipped([entry(`g${at}`)]))],
  },
  { name: "20,000 layers", layers: () => many(20_000, () => gzipped([folder], 1)) },
  {
    name: "gzip of 20 GB of zeros",
    layers: () => [
      { bytes: Buffer.concat([gzipSync(raw("0", Buffer.alloc(0)).subarray(0, 512)), zeros(200, 100 * 1024 * 1024)]) },
    ],
  },
  {
    name: "gzip of 6 GB of zeros within one file",
    layers: () => [
      {
        bytes: Buffer.concat([
          gzipSync(entry("f", { size: 6 * 1024 ** 3 }).subarray(0, 512 * 3)),
          zeros(60, 100 * 1024 * 1024),
        ]),
      },
    ],
  },
  {
    name: "200,000 members of gzip",
    layers: () => {
      const tar = archive([folder]);
      return [{ bytes: Buffer.concat([...many(200_000, () => gzipSync(Buffer.alloc(0))), gzipSync(tar)]), tar }];
    },
  },
  {
    name: "zstd of 20 GB of zeros",
    layers: () => [{ bytes: zstdZeros(160_000, 0x50), mediaType: oci.layerZstd }],
  },
  {
    name: "zstd with a window of 128 MiB that is used",
    layers: () => [{ bytes: zstdZeros(20_000, 0x88), mediaType: oci.layerZstd }],
  },
  {
    name: "zstd with a window of 2 GiB",
    layers: () => [{ bytes: zstdZeros(20_000, 0xa8), mediaType: oci.layerZstd }],
  },
  {
    name: "called gzip, a plain tar",
    layers: () => [{ ...gzipped([folder]), bytes: archive([folder]) }],
  },
  {
    name: "a history of 4 MB",
    layers: innocentLayer,
    config: () => ({ history: many(130_000, () => ({ created_by: "x", empty_layer: true })) }),
  },
  {
    name: "an environment of 4 MB",
    layers: innocentLayer,
    config: () => ({ config: { Env: many(200_000, (at) => `V${at}=${at}`) } }),
  },
  {
    name: "100,000 triggers",
    layers: innocentLayer,
    config: () => ({ config: { OnBuild: many(100_000, (at) => `ENV A${at}=$A${at}`) } }),
  },
  {
    name: "triggers that double a variable",
    layers: innocentLayer,
    config: () => ({ config: { OnBuild: many(60_000, () => "ENV A=$A$A$A$A$A$A$A$A$A${A:-aaaaaaaa}") } }),
  },
  {
    name: "/etc/passwd of 1 MB, 500 times --chown",
    layers: () => [gzipped([entry("etc/passwd", {}, Buffer.from("a:x:1:1::/:/\n".repeat(80_000)))])],
    dockerfile:
      "COPY --chown=nobody data /data/\nCOPY --chown=a data /data/\n".repeat(1) +
      "COPY --chown=a data /data/\n".repeat(500),
  },
  {
    name: "COPY *a*a*…*ab of 30 stars",
    layers: innocentLayer,
    dockerfile: `COPY ${"*a".repeat(30)}b /d/\n`,
    files: () => ({ ["a".repeat(200)]: "x" }),
  },
  {
    name: "--exclude=**/**/**…",
    layers: innocentLayer,
    dockerfile: `COPY --exclude=${"**/*a".repeat(400)}b d /d/\n`,
    files: () => Object.fromEntries(many(1000, (at) => [`d/${"a".repeat(200)}${at}`, "x"])),
  },
  {
    name: ".dockerignore of 20,000 patterns",
    layers: innocentLayer,
    files: () => ({
      ".dockerignore": many(20_000, (at) => `**/*a*${at}*b`).join("\n"),
      ...Object.fromEntries(many(1000, (at) => [`d/${"a".repeat(200)}${at}`, "x"])),
    }),
  },
  {
    name: "ENV A=$A$A, 20,000 times",
    layers: innocentLayer,
    dockerfile: `ENV A=aaaaaaaaaa\n${"ENV A=$A$A\n".repeat(20_000)}${copy}`,
  },
  {
    name: "a value of 900 kB in 5,000 variables",
    layers: innocentLayer,
    dockerfile: `ENV A=${"a".repeat(60_000)}\nENV A=$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A\n${many(5000, (at) => `ENV B${at}=$A\n`).join("")}${copy}`,
  },
  {
    name: "5,000 stages, each from the one before",
    layers: innocentLayer,
    dockerfile: `${many(5000, (at) => `ENV A${at}=1\nFROM base AS s${at}\n`)
      .join("")
      .replaceAll(/FROM base AS s(\d+)/g, (_, at: string) =>
        at === "0" ? "FROM BASE AS s0" : `FROM s${Number(at) - 1} AS s${at}`,
      )}${copy}`,
  },
  {
    name: "ADD of a tar of 20,000 entries behind links",
    layers: innocentLayer,
    dockerfile: "ADD a.tar.gz /d/\n",
    files: () => ({
      "a.tar.gz": gzipped(
        [
          ...many(100, (at) => link(`l${at}`, `${"./".repeat(2040)}l${at + 1}`)),
          ...many(20_000, (at) => entry(`l0/x${at}/f`)),
        ],
        1,
      ).bytes,
    }),
  },
  {
    name: "ADD of a gzip of 10 GB of zeros",
    layers: innocentLayer,
    dockerfile: "ADD a.tar.gz /d/\n",
    files: () => ({
      "a.tar.gz": Buffer.concat([
        gzipSync(entry("f", { size: 10 * 1024 ** 3 }).subarray(0, 512 * 3)),
        zeros(100, 100 * 1024 * 1024),
      ]),
    }),
  },
  {
    name: "20 MB of noise",
    layers: () => [gzipped([entry("noise", {}, randomBytes(20_000_000))], 1)],
  },
];

/** A frame without a content size, its window given by the descriptor's byte, of blocks of 128 KiB that are one byte repeated. */
function zstdZeros(blocks: number, window: number): Buffer {
  const block = Buffer.from([0x02, 0x00, 0x10, 0x00]);
  const last = Buffer.from([0x01, 0x00, 0x00]);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]),
    Buffer.from([0x00, 0x10, 0x00]),
    archive([entry("f", { size: 2 ** 33 - 512 })]).subarray(0, 512),
    ...many(blocks, () => block),
    last,
  ]);
}
