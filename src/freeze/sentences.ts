import type { Comparison, DifferenceKind, FoundPlace, NameDifference } from "../resolve/model.ts";
import type { LayerOrigins } from "./layer-origins.ts";

/** What sentences about an image are made of. */
export interface Telling {
  readonly origins: LayerOrigins;
  /** As people know the science image. */
  readonly science: string;
  /** Layers of the science image. */
  readonly layers: number;
}

const subjects: Readonly<Record<DifferenceKind, (name: string) => string>> = {
  module: (name) => `\`import ${name}\``,
  "r package": (name) => `\`library(${name})\``,
  command: (name) => `the command ${name}`,
  interpreter: (name) => `${name}, which the first line of commands names,`,
  library: (name) => `the library ${name}`,
  preload: (name) => `${name}, which every process loads,`,
  code: (name) => `${name}, which runs at start,`,
  door: (name) => name,
  deb: (name) => `the Debian package ${name}`,
  rpm: (name) => `the RPM package ${name}`,
  apk: (name) => `the Alpine package ${name}`,
};

/** One difference, at all the doors where it is the same. */
export function nameSentence(difference: NameDifference, doors: readonly string[], telling: Telling): string {
  const { kind, name, outcome, before, after, note } = difference;
  const where = doors.length === 0 || kind === "door" ? "" : ` in ${listed(doors)}`;
  const subject = `${subjects[kind](name)}${where}`;
  const was = before && `was ${shown(before, after)} (${telling.science})`;
  const more = note === undefined ? "" : `; ${note}`;
  if (outcome === "removed") return `${subject} ${was ?? `was there (${telling.science})`}, is gone${more}`;
  const from = after && originOf(after, telling);
  if (outcome === "undecided")
    return `${subject} is undecided: ${note ?? "code runs at start"}${from ? `, from ${from}` : ""}`;
  const is = after && isSame(before, after) ? "has other content" : after ? `is ${shown(after, before)}` : "is another";
  return `${subject} ${was ? `${was}, ` : ""}${is}${from ? ` from ${from}` : ""}${more}`;
}

const isSame = (before: FoundPlace | undefined, after: FoundPlace): boolean =>
  before !== undefined && shown(before, after) === shown(after, before);

/** By version where that tells them apart, else by path. */
function shown({ path, version }: FoundPlace, other: FoundPlace | undefined): string {
  if (version === undefined) return path;
  return version === other?.version ? (path === other.path ? version : path) : version;
}

/** What a layer of the science image has is reached by something else than before, which is another difference. */
const originOf = ({ layer, path }: FoundPlace, { origins, layers }: Telling): string | undefined =>
  layer < layers ? undefined : origins.ofLayer(layer, path);

export function fileSentence(
  { outcome, path, count, layer }: Comparison["files"][number],
  { origins, science }: Telling,
): string {
  const from = layer === undefined ? undefined : origins.ofLayer(layer, path);
  const what = count === 1 ? `${path} (${science})` : `${count} files in ${path} (${science})`;
  const verb = count === 1 ? "is" : "are";
  return `${what} ${verb} ${outcome === "removed" ? "gone" : "others"}${from ? ` by ${from}` : ""}`.replace(
    "is others",
    "has other content",
  );
}

export function attributeSentence(
  { kind, path, count, layer }: Comparison["attributes"][number],
  { origins }: Telling,
): string {
  const from = origins.ofLayer(layer, path);
  const one: Record<typeof kind, string> = {
    ownership: "another owner",
    mode: "another mode",
    setuid: "a setuid bit that is new",
    setgid: "a setgid bit that is new",
    capabilities: "capabilities that are new",
  };
  return `${count === 1 ? `${path} has` : `${count} paths in ${path} have`} ${one[kind]}${from ? ` by ${from}` : ""}`;
}

export function variableSentence(
  { name, before, after }: Comparison["environment"][number],
  { origins, science }: Telling,
): string {
  const from = origins.ofVariable(name);
  const was = before === undefined ? "was not set" : `was ${quoted(before)}`;
  const is = after === undefined ? "is not set" : `is ${quoted(after)}`;
  return `the variable ${name} ${was} (${science}), ${is}${from ? ` by ${from}` : ""}`;
}

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);

const listed = (all: readonly string[]): string =>
  all.length < 2 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
