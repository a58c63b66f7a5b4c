import { parentPath } from "../files/entry.ts";
import { factOf, textAt } from "./facts.ts";
import { follow } from "./follow.ts";
import { type Ecosystem, ecosystems, type Fact, type ImageFacts, type PackageRecord } from "./model.ts";
import { type FoundRecord, type RecordsState, stateOf } from "./records.ts";
import { optional } from "./values.ts";

/** A package of an image. */
export interface Package extends Omit<PackageRecord, "owns"> {
  readonly ecosystem: Ecosystem;
  /** Of its record: a database, or what the package alone has (`….dist-info`, a folder of R). */
  readonly path: string;
  /** Number of the layer that brought it in this version; the lowest is 0. */
  readonly layer: number;
  /** The package of the distribution that it is a part of: `deb python3-numpy`. */
  readonly partOf?: string;
}

export interface PackageList {
  /** By ecosystem, name and path. */
  readonly packages: readonly Package[];
  /** What is known of each ecosystem, and of its records that are not whole. */
  readonly states: readonly RecordsState[];
}

/** Every package of an image, also those that stand behind another of the same name. */
export function listPackages(facts: ImageFacts): PackageList {
  const found = findRecords(facts);
  const owners = ownersOf(found);
  const packages = found.records.flatMap((record) => packagesOf(record, facts, found.details, owners));
  return {
    packages: packages.sort(inOrder),
    states: ecosystems.map((ecosystem) => stateOf(ecosystem, found.records, facts)),
  };
}

interface Found {
  readonly records: readonly FoundRecord[];
  /** Texts, sizes, licences and lists of files, by path. */
  readonly details: ReadonlyMap<string, Fact>;
}

function findRecords(facts: ImageFacts): Found {
  const records: FoundRecord[] = [];
  const details = new Map<string, Fact>();
  for (const entry of facts.index.under("")) {
    if (entry.fact === undefined) continue;
    const fact = factOf(facts, entry);
    if (fact === undefined) continue;
    if ("ecosystem" in fact) records.push({ path: entry.path, layer: entry.layer, fact });
    else if (fact.kind !== "library" && fact.kind !== "script") details.set(entry.path, fact);
  }
  return { records, details };
}

/** By the path of a record of a language, the package of a distribution whose files have it. */
function ownersOf({ records, details }: Found): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { fact } of records)
    if (fact.kind === "packages")
      for (const { name, owns } of fact.packages)
        for (const path of owns ?? []) owners.set(path, `${fact.ecosystem} ${name}`);
  for (const [path, fact] of details) {
    const [, name = ""] = /^var\/lib\/dpkg\/info\/([^/:]+)(?::[^/]+)?\.list$/.exec(path) ?? [];
    if (fact.kind === "owns") for (const owned of fact.paths) owners.set(owned, `deb ${name}`);
  }
  return owners;
}

function packagesOf(
  { path, layer, fact }: FoundRecord,
  facts: ImageFacts,
  details: Found["details"],
  owners: ReadonlyMap<string, string>,
): Package[] {
  if (fact.kind !== "packages") return [];
  const partOf = owners.get(path);
  const brought = bringers(facts, path, layer);
  return fact.packages.map((each) => {
    const { owns: _, ...record } = each;
    return {
      ecosystem: fact.ecosystem,
      ...record,
      ...moreOf(fact.ecosystem, record, path, facts, details),
      path: path.replace(ownFolders[fact.ecosystem] ?? "", ""),
      layer: brought(record),
      ...(partOf !== undefined && { partOf }),
    };
  });
}

/** What stands behind the folder of a package that has one. */
const ownFolders: Partial<Record<Ecosystem, RegExp>> = {
  python: /\/(?:METADATA|PKG-INFO|EGG-INFO\/PKG-INFO)$/,
  r: /\/Meta\/package\.rds$/,
  npm: /\/package\.json$/,
  julia: /\/(?:Julia)?Project\.toml$/,
};

/** The layer from which on a package has been in this record without a gap. */
function bringers({ history }: ImageFacts, path: string, last: number): (wanted: PackageRecord) => number {
  const events = history.get(path) ?? [];
  const keys = events.map(({ fact }) => new Set(fact?.kind === "packages" ? fact.packages.map(keyOf) : []));
  return (wanted) => {
    const key = keyOf(wanted);
    let layer = last;
    for (let at = events.length - 1; at >= 0 && keys[at]?.has(key); at -= 1) layer = events[at]?.layer ?? layer;
    return layer;
  };
}

const keyOf = ({ name, version, architecture = "" }: PackageRecord): string => `${name}\n${version}\n${architecture}`;

/** What other files than its record say of a package. */
function moreOf(
  ecosystem: Ecosystem,
  { name, origin: own }: PackageRecord,
  path: string,
  facts: ImageFacts,
  details: Found["details"],
): Partial<PackageRecord> {
  if (ecosystem === "deb" || ecosystem === "apk") {
    const file = follow(facts.index, `usr/share/doc/${name}/copyright`);
    const licence = ecosystem === "deb" && file ? details.get(file.path) : undefined;
    return {
      ...optional("origin", own ?? distributionOf(facts)),
      ...(licence?.kind === "licence" && { licence: licence.licence }),
    };
  }
  if (ecosystem !== "python") return {};
  const folder = parentPath(path);
  const size = details.get(`${folder}/RECORD`);
  const origin = details.get(`${folder}/direct_url.json`) ?? details.get(`${folder}/INSTALLER`);
  return {
    ...(size?.kind === "size" && { size: size.size }),
    ...(origin?.kind === "text" && { origin: origin.text.trim().slice(0, 500) }),
  };
}

/** `ID` of https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
const distributionOf = (facts: ImageFacts): string | undefined =>
  /^ID=["']?([^"'\n]*)/m.exec(textAt(facts, "etc/os-release") ?? textAt(facts, "usr/lib/os-release") ?? "")?.[1];

const inOrder = (a: Package, b: Package): number =>
  ecosystems.indexOf(a.ecosystem) - ecosystems.indexOf(b.ecosystem) ||
  compareTexts(a.name.toLowerCase(), b.name.toLowerCase()) ||
  compareTexts(a.path, b.path) ||
  compareTexts(a.version, b.version);

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
