import { createHash } from "node:crypto";
import { decodePath } from "../oci/path-bytes.ts";
import { readApk } from "./apk.ts";
import { readConda } from "./conda.ts";
import { readCopyright, readDpkgStatus } from "./dpkg.ts";
import { readJulia } from "./julia.ts";
import { readLibraryCache, writeCachedLibraries } from "./library-cache.ts";
import type { Ecosystem, Fact, PackageRecord } from "./model.ts";
import { readNpm } from "./npm.ts";
import { directUrl, readPythonMetadata, recordSize } from "./python.ts";
import { readRPackage } from "./r.ts";

/** A file whose content says something. */
export interface Wanted {
  /** Bytes from which on it is not kept. */
  readonly limit: number;
  /** Whose packages it records; undefined for what programs read when they start. */
  readonly ecosystem?: Ecosystem;
  /** Undefined when it says nothing after all. Throws for what cannot be read. */
  readonly read: (bytes: Buffer, path: string) => Fact | undefined;
}

const kilobytes = 1024;
const megabytes = 1024 * kilobytes;

/** What is wanted of the file at this path, by its place and name alone. */
export function wantedAt(path: string): Wanted | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const rules = byName.get(name) ?? byEnding.get(name.slice(name.lastIndexOf("."))) ?? [];
  const rule = rules.find(({ place }) => place.test(path)) ?? ruleOfPlace(path);
  return rule?.wanted;
}

/** Whether a file records one package of a language, which the package of a distribution that brought it also has. */
export const isLanguageRecord = (path: string): boolean => {
  const ecosystem = wantedAt(path)?.ecosystem;
  return ecosystem === "python" || ecosystem === "r" || ecosystem === "npm" || ecosystem === "julia";
};

interface Rule {
  readonly place: RegExp;
  readonly wanted: Wanted;
}

/** Distroless images have a file for each package. */
const ruleOfPlace = (path: string): Rule | undefined =>
  path.startsWith("var/lib/dpkg/status.d/") && statusFile.place.test(path) ? statusFile : undefined;

const textOf = (bytes: Buffer): string => bytes.toString("utf8");

const several = (
  ecosystem: Ecosystem,
  limit: number,
  read: (text: string) => { packages: readonly PackageRecord[]; problem?: string },
): Wanted => ({ limit, ecosystem, read: (bytes) => ({ kind: "packages", ecosystem, ...read(textOf(bytes)) }) });

const single = (
  ecosystem: Ecosystem,
  read: (bytes: Buffer, path: string) => PackageRecord | "broken" | undefined,
): Wanted => ({
  limit: 16 * megabytes,
  ecosystem,
  read(bytes, path) {
    const found = read(bytes, path);
    if (found === "broken") return { kind: "unreadable", ecosystem, why: "it names no package and version" };
    return found && { kind: "packages", ecosystem, packages: [found] };
  },
});

const unsupported = (form: string): Wanted => ({
  limit: Number.POSITIVE_INFINITY,
  ecosystem: "rpm",
  read: () => ({
    kind: "unsupported",
    ecosystem: "rpm",
    why: `it is in RPM's older form ${form}, and only SQLite is read`,
  }),
});

const python = single("python", (bytes) => readPythonMetadata(textOf(bytes)) ?? "broken");
const dpkg = several("deb", 64 * megabytes, readDpkgStatus);
const statusFile: Rule = { place: /^var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/, wanted: dpkg };
const anywhere = /(?:)/;

const text: Wanted = {
  limit: 256 * kilobytes,
  read: (bytes) => ({ kind: "text", text: decodePath(bytes) }),
};

const owns: Wanted = {
  limit: 16 * megabytes,
  read(bytes) {
    const paths = textOf(bytes)
      .split("\n")
      .map((line) => line.replace(/^\//, ""))
      .filter(isLanguageRecord);
    return paths.length === 0 ? undefined : { kind: "owns", paths };
  },
};

const licence: Wanted = {
  limit: 1 * megabytes,
  read(bytes) {
    const found = readCopyright(textOf(bytes));
    return found === undefined ? undefined : { kind: "licence", licence: found };
  },
};

const record: Wanted = { limit: 64 * megabytes, read: (bytes) => ({ kind: "size", size: recordSize(textOf(bytes)) }) };

const origin: Wanted = {
  limit: 64 * kilobytes,
  read(bytes) {
    const url = directUrl(textOf(bytes));
    return url === undefined ? undefined : { kind: "text", text: url };
  },
};

const libraryCache: Wanted = {
  limit: 16 * megabytes,
  read: (bytes) => ({ kind: "text", text: writeCachedLibraries(readLibraryCache(bytes)) }),
};

/** A version that stands there as a text; what is put together when the package is imported is not known. */
const ownVersion: Wanted = {
  limit: 128 * kilobytes,
  read(bytes) {
    const [, version] =
      /^__version__[ \t]*(?::[ \t]*[\w.]+[ \t]*)?=[ \t]*["']([^"'\r\n]{1,64})["']/m.exec(textOf(bytes)) ?? [];
    return version === undefined ? undefined : { kind: "version", version };
  },
};

/** `fields`: those of each line that matter, from 0. What is secret in a line is in a digest of some of its bits alone. */
const accountLines = (fields: readonly number[]): Wanted => ({
  limit: 1 * megabytes,
  read: (bytes) => ({
    kind: "lines",
    digests: textOf(bytes)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => shortDigest(fields.map((at) => line.split(":")[at] ?? "").join(":"))),
  }),
});

const shortDigest = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 12);

const rules = (...all: readonly (readonly [place: RegExp, wanted: Wanted])[]): readonly Rule[] =>
  all.map(([place, wanted]) => ({ place, wanted }));

const rpmFolder = "(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)";

const byName = new Map<string, readonly Rule[]>([
  ["status", rules([/^var\/lib\/dpkg\/status$/, dpkg])],
  ["copyright", rules([/^usr\/share\/doc\/[^/]+\/copyright$/, licence])],
  [
    "installed",
    rules([
      /^(?:usr\/)?lib\/apk\/db\/installed$/,
      several("apk", 64 * megabytes, (all) => readApk(all, isLanguageRecord)),
    ]),
  ],
  ["Packages", rules([new RegExp(`^${rpmFolder}/Packages$`), unsupported("bdb")])],
  ["Packages.db", rules([new RegExp(`^${rpmFolder}/Packages\\.db$`), unsupported("ndb")])],
  ["METADATA", rules([/\.dist-info\/METADATA$/, python])],
  ["PKG-INFO", rules([/\.egg-info\/PKG-INFO$/, python], [/\.egg\/EGG-INFO\/PKG-INFO$/, python])],
  ["RECORD", rules([/\.dist-info\/RECORD$/, record])],
  ["INSTALLER", rules([/\.dist-info\/INSTALLER$/, text])],
  ["direct_url.json", rules([/\.dist-info\/direct_url\.json$/, origin])],
  ["package.rds", rules([/\/Meta\/package\.rds$/, single("r", (bytes) => readRPackage(bytes, 16 * megabytes))])],
  [
    "package.json",
    rules([
      /(?:^|\/)(?:node_modules|usr\/share\/nodejs)\/(?:@[^/]+\/)?[^/@]+\/package\.json$/,
      single("npm", (bytes) => readNpm(textOf(bytes))),
    ]),
  ],
  ...["Project.toml", "JuliaProject.toml"].map((name): [string, readonly Rule[]] => [
    name,
    rules([
      /(?:\/packages\/[^/]+\/[A-Za-z0-9]{4,6}|\/stdlib\/v[\d.]+\/[^/]+)\/(?:Julia)?Project\.toml$/,
      single("julia", (bytes, path) => readJulia(textOf(bytes), path)),
    ]),
  ]),
  ...["passwd", "group"].map((name): [string, readonly Rule[]] => [
    name,
    rules([new RegExp(`^etc/${name}$`), { ...text, limit: 1 * megabytes }]),
  ]),
  ...["environment", "profile", "bash.bashrc", "bashrc", "ld.so.conf", "ld.so.preload"].map(
    (name): [string, readonly Rule[]] => [name, rules([new RegExp(`^etc/${name}$`), text])],
  ),
  ...(
    [
      // Name and password: the other fields are days.
      [
        ["shadow", "shadow-", "gshadow", "gshadow-"],
        [0, 1],
      ],
      // Copies have the passwords of a time when there was no shadow.
      [["group-"], [0, 2]],
      [["passwd-"], [0, 2, 3, 4, 5, 6]],
      [
        ["subuid", "subuid-", "subgid", "subgid-"],
        [0, 1, 2],
      ],
    ] as const
  ).flatMap(([names, fields]) =>
    names.map((name): [string, readonly Rule[]] => [name, rules([new RegExp(`^etc/${name}$`), accountLines(fields)])]),
  ),
  ["ld.so.cache", rules([/^etc\/ld\.so\.cache$/, libraryCache])],
  ["__init__.py", rules([anywhere, ownVersion])],
  ["os-release", rules([/^(?:etc|usr\/lib)\/os-release$/, text])],
  ["R", rules([/(?:^|\/)bin\/R$/, text])],
  ["kernel.json", rules([/\/kernels\/[^/]+\/kernel\.json$/, text])],
  ["ldpaths", rules([/\/etc\/ldpaths$/, text])],
  ...[
    "pyvenv.cfg",
    "sitecustomize.py",
    "usercustomize.py",
    "Renviron",
    "Rprofile",
    "Renviron.site",
    "Rprofile.site",
    ".Renviron",
    ".Rprofile",
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
  ].map((name): [string, readonly Rule[]] => [name, rules([anywhere, text])]),
]);

const byEnding = new Map<string, readonly Rule[]>([
  [
    ".json",
    rules([
      /(?:^|\/)conda-meta\/[^/]+\.json$/,
      single("conda", (bytes, path) => readConda(textOf(bytes), prefixOf(path), isLanguageRecord) ?? "broken"),
    ]),
  ],
  [".list", rules([/^var\/lib\/dpkg\/info\/[^/]+\.list$/, owns])],
  [".egg-info", rules([anywhere, python])],
  [".pth", rules([/\/(?:site|dist)-packages\/[^/]+\.pth$/, text])],
  ["._pth", rules([anywhere, text])],
  [".egg-link", rules([anywhere, text])],
  [".conf", rules([/^etc\/ld\.so\.conf\.d\/[^/]+\.conf$/, text])],
  [".sh", rules([/^etc\/profile\.d\/[^/]+\.sh$/, text])],
]);

/** Of an environment, from the path of a file in its `conda-meta`. */
const prefixOf = (path: string): string => /^(.*?)\/?conda-meta\/[^/]+$/.exec(path)?.[1] ?? "";
