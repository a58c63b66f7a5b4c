import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Case } from "./cases/model.ts";
import type { FlatImage } from "./flatten.ts";
import { contextTime } from "./workshop.ts";

/** What came of a case, without what `docs/decisions/0072` says of all of them. */
export type Answer = { readonly refused: string } | Made;

interface Made {
  readonly config: object;
  /** The history's texts; those that made a layer are not marked, since layers are joined here. */
  readonly steps: readonly string[];
  /** By path: type and mode, owner, and so on; only what the base does not have like that. Null is what it has alone. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Present where the history tells of another number of layers than there are. */
  readonly disagrees?: string;
}

/** By title. `of` names the case as it was when BuildKit was asked. */
type Recorded = Readonly<Record<string, Answer & { readonly of: string }>>;

const file = new URL("data/answers.json", import.meta.url);

export const recordedAnswers = (): Recorded => JSON.parse(readFileSync(file, "utf8"));

/** One line each, so that a change of one is seen as one. */
export function writeAnswers(answers: Recorded): void {
  const lines = Object.entries(answers).map(([title, answer]) => `${JSON.stringify(title)}: ${JSON.stringify(answer)}`);
  writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
}

export function caseKey({ dockerfile, files, args, ignore }: Case): string {
  const text = JSON.stringify([dockerfile, files, args, ignore]);
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}

/** `base`: the image whose files are left out where they are the same. */
export function answerOf(image: FlatImage, base: FlatImage | undefined): Made {
  const own = shownFiles(image);
  const below = base ? shownFiles(base) : new Map<string, string>();
  const changed = [...own].filter(([path, facts]) => below.get(path) !== facts);
  const gone = [...below.keys()].filter((path) => !own.has(path));
  const { history = [], config, rootfs: _, created: __, ...rest } = image.config;
  const [told, there] = [history.filter((each) => !each.empty_layer).length, image.manifest.layers.length];
  return {
    ...(told !== there && { disagrees: `${told} of ${there} layers` }),
    config: { ...rest, ...config },
    steps: history.map(({ created_by = "" }) => created_by.replace(ownText, "$1")),
    files: Object.fromEntries([...changed, ...gone.map((path) => [path, null] as const)]),
  };
}

/** What is of a Go value's notation, or of the moment. */
const ownText = /^(EXPOSE|HEALTHCHECK|VOLUME|SHELL|pulled from) .*$/s;

/** Docker's store keeps no attribute but capabilities, so the others are left out. */
const shownFiles = ({ files, times }: FlatImage): Map<string, string> =>
  new Map(Object.entries(files).map(([path, facts]) => [path, shown(JSON.parse(facts), times[path] ?? 0)]));

function shown(facts: Facts, time: number): string {
  const { type, mode, uid, gid, link, device, xattrs = {}, content, links } = facts;
  const capability = xattrs["security.capability"];
  const parts = [
    mode === undefined ? type : `${type} ${mode}`,
    ...(uid === 0 && gid === 0 ? [] : [`${uid}:${gid}`]),
    ...(content === undefined ? [] : [content.slice(7, 15)]),
    ...(link === undefined ? [] : [`-> ${link}`]),
    ...(device === undefined ? [] : [`${device.major},${device.minor}`]),
    ...(links === undefined ? [] : [`= ${links}`]),
    ...(capability === undefined ? [] : [`capability ${Buffer.from(capability, "latin1").toString("hex")}`]),
    ...(type === "directory" || isOfBuild(time) ? [] : [`@${time}`]),
  ];
  return parts.join(" ");
}

interface Facts {
  readonly type: string;
  readonly mode?: string;
  readonly uid: number;
  readonly gid: number;
  readonly link?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly content?: string;
  readonly links?: string;
}

/** Of the build context, whose times are ours to choose, or of the moment of the build. */
const isOfBuild = (time: number): boolean => time === contextTime || time === 315_619_200 || time > 1_600_000_000;

/** The image that a case's last stage starts from, by its name in the Dockerfile. */
export const baseName = ({ dockerfile }: Case): string | undefined =>
  [...dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*([A-Z]{3,})\b/gim)].at(-1)?.[1];
