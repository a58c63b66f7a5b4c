import { compatLabel, type LabelField, parseLabelKey, scienceLabel } from "../naming/labels.ts";
import { lastLayerName } from "../naming/layer-name.ts";
import { parseUniqueTag, type UniqueTag } from "../naming/unique-tag.ts";
import { type Digest, parseDigest } from "../oci/digest.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { quoteStart } from "../oci/untrusted.ts";

/** What the labels of one layer say of it (B27). Absent keys are labels that the image does not carry. */
export interface Crumb {
  readonly kind: "science" | "compat";
  /** Target of a science layer, image of a compat build. */
  readonly name: string;
  /** The unique tag it was built as. */
  readonly tag: string;
  readonly stamp: UniqueTag;
  /** Seconds since the epoch. */
  readonly built?: number;
  /** Digest of the definition it was built from; images of the original tool have none. */
  readonly inputs?: Digest;
  /** The base as it stood in the Dockerfile. */
  readonly base?: string;
  /** What `--refresh` named when it was built anew although nothing had changed. */
  readonly refreshed?: string;
  /** Names of the compat stack, lowest first. */
  readonly layers?: readonly string[];
}

/** The trail that an image carries. Nothing in here is trusted. */
export interface Breadcrumbs {
  /** From the lowest to the highest. */
  readonly science: readonly Crumb[];
  readonly compat?: Crumb;
  /** Sentences about labels that cannot be read. */
  readonly broken: readonly string[];
}

/** Reads the trail of an image (B27). What others wrote into the labels cannot make it fail: it is told in `broken`. */
export function readCrumbs(labels: Readonly<Record<string, string>>): Breadcrumbs {
  const broken: string[] = [];
  const { science: byTarget, compat: compatFields } = ownFields(labels);
  const science = [...byTarget].flatMap(([target, fields]) => scienceCrumb(target, fields, broken));
  const compat = compatFields.size === 0 ? undefined : compatCrumb(compatFields, broken);
  return { science: lowestFirst(science), ...(compat && { compat }), broken };
}

type Fields = ReadonlyMap<string, string>;

const scienceFields: readonly string[] = ["version", "buildtime", "inputs", "base", "refreshed"] satisfies LabelField[];

/** The values of our labels, by target and field. Other labels below the prefix of science layers are not ours. */
function ownFields(labels: Readonly<Record<string, string>>) {
  const compat = new Map<string, string>();
  const science = new Map<string, Map<string, string>>();
  for (const [key, value] of Object.entries(labels)) {
    const { target, field } = parseLabelKey(key) ?? {};
    if (field !== undefined && target === undefined) compat.set(field, value);
    if (field === undefined || target === undefined || !scienceFields.includes(field)) continue;
    science.set(target, (science.get(target) ?? new Map<string, string>()).set(field, value));
  }
  return { science, compat };
}

function scienceCrumb(target: string, fields: Fields, broken: string[]): Crumb[] {
  const key = (field: LabelField): string => scienceLabel(target, field);
  const tag = fields.get("version");
  const stamp = tag === undefined ? undefined : parseUniqueTag(tag);
  if (tag === undefined || stamp === undefined) {
    broken.push(wrongLabel(key("version"), tag, "a unique tag"));
    return [];
  }
  return [{ kind: "science", name: target, tag, stamp, ...commonFields(key, fields, broken) }];
}

/** The version label of a compat build is `{image}:{unique tag}`. */
function compatCrumb(fields: Fields, broken: string[]): Crumb | undefined {
  const text = fields.get("version");
  const [, name = "", tag = ""] = /^([^:]+):(.+)$/.exec(text ?? "") ?? [];
  const stamp = parseUniqueTag(tag);
  if (stamp === undefined) {
    broken.push(wrongLabel(compatLabel("version"), text, "an image and a unique tag"));
    return undefined;
  }
  const layers = fields.get("layers");
  const stack = layers === undefined ? {} : { layers: layers.split(",").filter((each) => each !== "") };
  return { kind: "compat", name, tag, stamp, ...commonFields(compatLabel, fields, broken), ...stack };
}

function commonFields(
  key: (field: LabelField) => string,
  fields: Fields,
  broken: string[],
): Pick<Crumb, "built" | "inputs" | "base" | "refreshed"> {
  const built = read(key("buildtime"), fields.get("buildtime"), seconds, "seconds since the epoch", broken);
  const inputs = read(key("inputs"), fields.get("inputs"), parseDigest, "a digest", broken);
  const base = fields.get("base");
  const refreshed = fields.get("refreshed");
  return {
    ...(built !== undefined && { built }),
    ...(inputs && { inputs }),
    ...(base !== undefined && { base }),
    ...(refreshed !== undefined && { refreshed }),
  };
}

function read<T>(
  label: string,
  text: string | undefined,
  parse: (text: string) => T | undefined,
  wanted: string,
  broken: string[],
): T | undefined {
  const value = text === undefined ? undefined : parse(text);
  if (text !== undefined && value === undefined) broken.push(wrongLabel(label, text, wanted));
  return value;
}

const seconds = (text: string): number | undefined => (/^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) : undefined);

const wrongLabel = (label: string, text: string | undefined, wanted: string): string =>
  text === undefined
    ? `the label ${label} is missing`
    : `the label ${label} is ${quoteStart(text, 80)}, ${wanted} was expected`;

/** Digest at the end of a base, where it has one. */
export const baseDigest = ({ base }: Crumb): Digest | undefined =>
  base === undefined ? undefined : parseDigest(base.slice(base.indexOf("@") + 1));

/** Target and tag of a base that is a science image of a catalogue, whatever registry it is in. */
export function baseScience({ base = "" }: Crumb): { readonly target: string; readonly tag?: string } | undefined {
  const found = lastLayerName(base);
  if (found?.kind !== "sci") return undefined;
  return { target: found.name, ...(found.tag !== undefined && { tag: found.tag }) };
}

/** The base as a reference; undefined where the image says none, or none that can be read. */
export const baseOf = ({ base }: Crumb): Reference | undefined =>
  base === undefined ? undefined : parseReference(base);

/** `nist-basic:1.0-42-f90dbd6`, as the label of a compat build has it. */
export const buildName = ({ name, tag }: Crumb): string => `${name}:${tag}`;

/** The crumb of the layer that an image is: the compat build's, else that of the science image its repository names. */
export function ownCrumb(reference: string, crumbs: Breadcrumbs): Crumb | undefined {
  const own = lastLayerName(reference);
  if (own?.kind === "rel") return crumbs.compat;
  return crumbs.science.find(({ name }) => name === own?.name) ?? crumbs.compat ?? crumbs.science.at(-1);
}

/** The science layer that the interface, or nothing, stands on. */
export function topScience({ science, compat }: Breadcrumbs): Crumb | undefined {
  const named = compat && baseScience(compat)?.target;
  return science.find(({ name }) => name === named) ?? science.at(-1);
}

/** By what each was built on; the original tool did not say so, its layers are ordered by the time of their build. */
function lowestFirst(crumbs: readonly Crumb[]): Crumb[] {
  const byTime = [...crumbs].sort((a, b) => (a.built ?? 0) - (b.built ?? 0) || (a.name < b.name ? -1 : 1));
  const byName = new Map(byTime.map((each) => [each.name, each]));
  const ordered = new Set<Crumb>();
  for (const crumb of byTime) {
    const chain = new Set<Crumb>();
    for (let at: Crumb | undefined = crumb; at && !ordered.has(at) && !chain.has(at); at = below(at, byName))
      chain.add(at);
    for (const each of [...chain].reverse()) ordered.add(each);
  }
  return [...ordered];
}

const below = (crumb: Crumb, byName: ReadonlyMap<string, Crumb>): Crumb | undefined =>
  byName.get(baseScience(crumb)?.target ?? "");
