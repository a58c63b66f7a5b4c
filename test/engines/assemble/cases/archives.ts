import { gzipSync } from "node:zlib";
import type { Item } from "../../../files/support.ts";
import { type RawEntry, rawTar, sparse } from "../raw-tar.ts";
import type { Case, CaseFile } from "./model.ts";
import { copy } from "./support.ts";

const add = (title: string, tar: readonly Item[], lines = "ADD r.tar /srv/\nADD r.tar /opt/new/"): Case =>
  copy(`adds ${title}`, lines, { "r.tar": { tar } });

const addRaw = (title: string, entries: readonly RawEntry[], lines = "ADD r.tar /srv/"): Case =>
  copy(`adds ${title}`, lines, { "r.tar": { bytes: rawTar(entries) } });

const addBytes = (title: string, bytes: Buffer, lines = "ADD r.tar /srv/"): Case =>
  copy(`adds ${title}`, lines, { "r.tar": { bytes } });

const owned = { mode: 0o700, uid: 1000, gid: 100 } as const;
const file = (path: string, text = path): Item => ({ path, text });
const folder = (path: string, more: Partial<Item> = {}): Item => ({ path: `${path}/`, type: "directory", ...more });

const roots: readonly Case[] = ["./", ".", "/", "./.", "x/..", ""].map((path) =>
  addRaw(
    `an archive whose root is written "${path}"`,
    [
      { name: path, type: "5", ...owned },
      { name: path.endsWith("/") ? `${path}f` : "f", body: "f" },
    ],
    "ADD r.tar /srv/\nADD r.tar /opt/new/\nADD r.tar /opt/sub\nADD --chown=7:8 r.tar /opt/own/",
  ),
);

const folders: readonly Case[] = [
  add(
    "an archive with folders that are there",
    [folder("opt", owned), folder("opt/sub"), file("opt/sub/f")],
    "ADD r.tar /",
  ),
  add("an archive with a folder behind what is in it", [file("d/f"), folder("d", owned)]),
  add("an archive with a folder twice", [folder("d", owned), file("d/f"), folder("d", { mode: 0o711, uid: 5 })]),
  add("an archive with a file in place of a folder", [file("sub", "now a file")], "ADD r.tar /opt/"),
  add("an archive with a folder in place of a file", [folder("motd", owned), file("motd/x")], "ADD r.tar /etc/"),
  add(
    "an archive with a link in place of a folder",
    [{ path: "sub", type: "symlink", linkname: "/srv" }],
    "ADD r.tar /opt/",
  ),
  add("an archive with a folder in place of a link", [folder("lib", owned), file("lib/x")], "ADD r.tar /"),
  add("an archive with a file in place of a link", [file("lib")], "ADD r.tar /"),
  add("an archive below a link of the base", [file("lib/x"), file("abs/y"), file("climb/z")], "ADD r.tar /"),
  add("an archive below a link of its own", [
    folder("real", owned),
    { path: "l", type: "symlink", linkname: "real" },
    file("l/x"),
  ]),
  add("an archive below a link of its own that leaves it", [
    { path: "l", type: "symlink", linkname: "/etc" },
    file("l/x"),
  ]),
  add("an archive below a link of its own that climbs", [
    { path: "l", type: "symlink", linkname: "../../etc" },
    file("l/x"),
  ]),
  add("an archive with folders with special bits", [
    folder("d", { mode: 0o2775, gid: 50 }),
    folder("t", { mode: 0o1777 }),
    file("d/f"),
  ]),
  add("an archive that leaves out folders", [file("a/b/c/f"), folder("a/b", owned)]),
  copy(
    "adds an archive that leaves out folders below one whose group they get",
    "COPY --chmod=2775 --chown=5:6 d /d\nCOPY d /d/e\nADD r.tar /d/e/",
    {
      "d/x/y": "y",
      "r.tar": { tar: [file("x/a/b/c/f")] },
    },
  ),
  add("an archive of folders alone", [folder("a"), folder("a/b", owned), folder("c")]),
  add("an empty archive", []),
  add("an archive with a path from the root", [
    { path: "/abs/f", text: "f" },
    { path: "/top", text: "t" },
  ]),
  add("an archive with dots in paths", [
    { path: "./a/./f", text: "f" },
    { path: "a/b/../g", text: "g" },
  ]),
  add("an archive with a path that climbs out", [{ path: "../out", text: "f" }]),
  add("an archive with a path that climbs out below", [{ path: "a/../../out", text: "f" }]),
];

const destinations: readonly Case[] = [
  ["a name that is new", "/new/place"],
  ["a link to a folder", "/lib"],
  ["a link to a folder, with a slash", "/lib/"],
  ["the root", "/"],
  ["a file", "/etc/motd"],
  ["a file, with a slash", "/etc/motd/"],
  ["a dangling link", "/etc/dangling"],
  ["a link and dots behind it", "/lib/../dots"],
  ["a folder of somebody", "/private/new"],
].map(([title, to]) => add(`an archive to ${title}`, [folder("d", owned), file("d/f"), file("g")], `ADD r.tar ${to}`));

const flags: readonly Case[] = [
  add(
    "an archive with --chmod",
    [folder("d"), file("d/f")],
    "ADD --chmod=700 r.tar /srv/\nADD --chmod=g+w r.tar /new/",
  ),
  add("an archive with --chown by name", [folder("d", owned), file("d/f")], "ADD --chown=idies:staff r.tar /new/"),
  add(
    "an archive with --exclude",
    [folder("d", owned), file("d/f"), file("g")],
    "ADD --exclude=g --exclude=d/f r.tar /srv/",
  ),
  add("an archive that --exclude names", [file("g")], "ADD --exclude=*.tar . /srv/"),
  add("an archive with --unpack", [file("d/f")], "ADD --unpack=true r.tar /srv/\nADD --unpack r.tar /new"),
  add(
    "an archive as it is with --unpack=false",
    [file("d/f")],
    "ADD --unpack=false r.tar /srv/\nADD --unpack=FALSE r.tar /new",
  ),
  add("an archive with --link", [folder("d", owned), file("d/f")], "ADD --link r.tar /srv/"),
  copy("adds what is no archive with --unpack", "ADD --unpack one.txt /srv/"),
  copy("adds archives by a pattern", "ADD *.tar one.txt /srv/", {
    "a.tar": { tar: [file("a")] },
    "b.tar": { tar: [file("b")] },
    "one.txt": "one",
  }),
  copy("adds a folder with archives in it as it is", "ADD box /srv/", {
    "box/a.tar": { tar: [file("a")] },
    "box/x": "x",
  }),
  copy("adds an archive behind a link", "ADD link.tar /srv/", {
    "a.tar": { tar: [file("a")] },
    "link.tar": { link: "a.tar" },
  }),
  copy("adds an archive from a workdir", "WORKDIR /w/here\nADD a.tar .\nADD a.tar in", {
    "a.tar": { tar: [file("a")] },
  }),
  copy("adds an archive over what was copied", "COPY one.txt /srv/d/f\nADD a.tar /srv/", {
    "a.tar": { tar: [folder("d", owned), file("d/f")] },
    "one.txt": "one",
  }),
];

const links: readonly Case[] = [
  add("hard links between folders", [file("a/f"), { path: "b/g", type: "hardlink", linkname: "a/f" }]),
  add("a hard link with a mode of its own", [
    file("f"),
    { path: "g", type: "hardlink", linkname: "f", mode: 0o755, uid: 3 },
  ]),
  add("a hard link whose target is written with dots", [file("f"), { path: "g", type: "hardlink", linkname: "./f" }]),
  add("a hard link whose target is written from the root", [
    file("f"),
    { path: "g", type: "hardlink", linkname: "/f" },
  ]),
  add("a hard link to what comes later", [{ path: "g", type: "hardlink", linkname: "f" }, file("f")]),
  add("a hard link to a link", [
    file("f"),
    { path: "l", type: "symlink", linkname: "f" },
    { path: "h", type: "hardlink", linkname: "l" },
  ]),
  add("a hard link to a file of the base", [{ path: "h", type: "hardlink", linkname: "etc/motd" }], "ADD r.tar /"),
  add("a hard link that leaves the archive", [{ path: "h", type: "hardlink", linkname: "../etc/motd" }]),
  add("a hard link to a file that is replaced after it", [
    file("f", "1"),
    { path: "g", type: "hardlink", linkname: "f" },
    file("f", "2"),
  ]),
  add(
    "hard links with an owner",
    [file("f"), { path: "g", type: "hardlink", linkname: "f" }],
    "ADD --chown=5:6 r.tar /srv/",
  ),
  add("an archive twice with hard links", [file("f"), { path: "g", type: "hardlink", linkname: "f" }]),
  add("links of every kind", [
    { path: "a", type: "symlink", linkname: "/etc/motd" },
    { path: "b", type: "symlink", linkname: "nowhere" },
    { path: "c", type: "symlink", linkname: "../.." },
    { path: "d", type: "symlink", linkname: "a", uid: 9, gid: 8 },
  ]),
];

const pax = (records: Record<string, string>, more: Partial<RawEntry> = {}): RawEntry => ({
  name: "f",
  body: "f",
  pax: records,
  ...more,
});

const headers: readonly Case[] = [
  addRaw("a file with a PAX time", [pax({ mtime: "1234567890.75" }), { name: "g", body: "g", mtime: 1_234_567_000 }]),
  addRaw("a file from before the epoch", [pax({ mtime: "-5.5" })]),
  addRaw("a file from far away", [pax({ mtime: "9999999999" }, { name: "late" })]),
  addRaw("a file with other PAX times", [pax({ atime: "1111111111.5", ctime: "1222222222", mtime: "1333333333" })]),
  addRaw("a file with PAX owners", [pax({ uid: "3000000", gid: "4000000", uname: "root", gname: "root" })]),
  addRaw("a file with a PAX path", [pax({ path: `${"long/".repeat(30)}name` })]),
  addRaw("a link with a PAX target", [
    { name: "l", type: "2", link: "short", pax: { linkpath: `${"t/".repeat(80)}end` } },
  ]),
  addRaw("a file with an empty PAX value", [pax({ path: "", mtime: "" })]),
  addRaw("a file with PAX keys that nobody knows", [pax({ "VENDOR.key": "x", comment: "c" })]),
  addRaw("global PAX headers", [
    { name: "pax_global_header", type: "g", body: "52 comment=0123456789012345678901234567890123456789\n" },
    { name: "f", body: "f" },
  ]),
  addRaw("a GNU long name", [
    { name: "././@LongLink", type: "L", body: `${"long/".repeat(30)}f\0` },
    { name: "long/long", body: "f", magic: "ustar  \0" },
  ]),
  addRaw("a GNU long link", [
    { name: "././@LongLink", type: "K", body: `${"t/".repeat(80)}f\0` },
    { name: "l", type: "2", link: "t/t", magic: "ustar  \0" },
  ]),
  addRaw("a file of the oldest format", [
    { name: "f", body: "f", type: "\0", magic: "" },
    { name: "d/", type: "\0", magic: "" },
  ]),
  addRaw("a contiguous file", [{ name: "f", body: "f", type: "7" }]),
  addRaw("a file with a mode beyond its bits", [{ name: "f", body: "f", mode: 0o104755 }]),
  addRaw("a numeric field in binary", [{ name: "f", body: "f", patches: [[108, "\x80\0\0\0\0\x2d\xc6\xc0"]] }]),
  addRaw("a pipe", [{ name: "p", type: "6", mode: 0o600 }]),
  addRaw("a volume label", [
    { name: "label", type: "V" },
    { name: "f", body: "f" },
  ]),
  addRaw("an entry of an unknown type", [
    { name: "u", type: "Z" },
    { name: "f", body: "f" },
  ]),
  addRaw("a name with a prefix", [{ name: "f", body: "f", patches: [[345, "some/prefix"]] }]),
  addRaw("a file that is there twice", [
    { name: "f", body: "1" },
    { name: "f", body: "22", mode: 0o600, uid: 4 },
  ]),
  addRaw("capabilities", [
    pax({ "SCHILY.xattr.security.capability": "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0" }),
  ]),
];

const ends: readonly Case[] = [
  addBytes("an archive without its end", rawTar([{ name: "f", body: "f" }], Buffer.alloc(0))),
  addBytes("an archive with half its end", rawTar([{ name: "f", body: "f" }], Buffer.alloc(512))),
  addBytes(
    "bytes behind the end of an archive",
    rawTar([{ name: "f", body: "f" }], Buffer.concat([Buffer.alloc(1024), Buffer.from("junk")])),
  ),
  addBytes(
    "one archive behind the other",
    Buffer.concat([rawTar([{ name: "f", body: "f" }]), rawTar([{ name: "g", body: "g" }])]),
  ),
  addBytes("an archive that is cut off", rawTar([{ name: "f", body: "f".repeat(2000) }]).subarray(0, 1500)),
  addBytes(
    "an archive that is cut off in its second header",
    rawTar([
      { name: "f", body: "f" },
      { name: "g", body: "g" },
    ]).subarray(0, 1200),
  ),
  addBytes(
    "a gzip with bytes behind it",
    Buffer.concat([gzipSync(rawTar([{ name: "f", body: "f" }])), Buffer.from("junk")]),
  ),
  addBytes(
    "a gzip with zeros behind it",
    Buffer.concat([gzipSync(rawTar([{ name: "f", body: "f" }])), Buffer.alloc(100)]),
  ),
  addBytes(
    "a gzip of several members",
    Buffer.concat(
      [rawTar([{ name: "f", body: "f".repeat(3000) }])].flatMap((all) => [
        gzipSync(all.subarray(0, 700)),
        gzipSync(all.subarray(700)),
      ]),
    ),
  ),
  addBytes(
    "one gzip behind the other",
    Buffer.concat([gzipSync(rawTar([{ name: "f", body: "f" }])), gzipSync(rawTar([{ name: "g", body: "g" }]))]),
  ),
  addBytes("a gzip that is cut off", gzipSync(rawTar([{ name: "f", body: "f".repeat(9000) }])).subarray(0, 60)),
  addBytes("a gzip of text", gzipSync("only text")),
  addBytes("a gzip of nothing", gzipSync("")),
  addBytes("a gzip in a gzip", gzipSync(gzipSync(rawTar([{ name: "f", body: "f" }])))),
  addBytes("an empty file", Buffer.alloc(0)),
  addBytes("a file of zeros", Buffer.alloc(1024)),
  addBytes("a file of few zeros", Buffer.alloc(100)),
  addBytes("a file that begins as a gzip", Buffer.from("1f8b0800", "hex")),
];

const sparseFiles: readonly Case[] = [
  ...(["gnu", "0.0", "0.1", "1.0"] as const).map((format) =>
    addRaw(`a sparse file in the format ${format}`, [
      sparse[format]("s", 5000, 1024, "data"),
      { name: "f", body: "f" },
    ]),
  ),
  ...(["gnu", "1.0"] as const).map((format) =>
    addRaw(`a sparse file without any data in the format ${format}`, [sparse[format]("s", 3000, 3000, "")]),
  ),
];

const packed: Readonly<Record<string, CaseFile>> = { "a.tar": { tar: [file("d/f"), folder("e", owned)], gzip: true } };

export const archiveCases: readonly Case[] = [
  ...roots,
  ...folders,
  ...destinations,
  ...flags,
  ...links,
  ...headers,
  ...ends,
  ...sparseFiles,
  copy("adds a gzip whatever its name", "ADD a.tar /srv/", packed),
];
