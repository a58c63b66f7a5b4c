import type { DeclaredSection, Origin } from "../compose/model.ts";
import { locateOrigin, locatePart } from "../compose/origins.ts";
import { type Instruction, parseDockerfile } from "../dockerfile/index.ts";
import type { HistoryEntry, ImageConfig } from "../oci/config.ts";

/** A Dockerfile as an engine was handed it. */
interface HandedDockerfile {
  readonly dockerfile: string;
  readonly origins: readonly Origin[];
  readonly declared: readonly DeclaredSection[];
}

/** Says where in the catalogue the cause of something lies: `compat/jup/Dockerfile:3 (COPY)`. Undefined where it is not known. */
export interface LayerOrigins {
  /** Of what a layer has at a path, layers counted from the lowest of the image. */
  readonly ofLayer: (layer: number, path: string) => string | undefined;
  readonly ofVariable: (name: string) => string | undefined;
}

interface Step {
  readonly layer: number;
  readonly instruction?: Instruction;
  /** Of a user or folders that a compat layer declares. */
  readonly section?: DeclaredSection;
}

/** Holds the history of an image against the Dockerfile that it was made of; `below`: layers of the image that it starts from. */
export function layerOrigins(handed: HandedDockerfile, below: ImageConfig, composed: ImageConfig): LayerOrigins {
  const text = { text: handed.dockerfile, origins: handed.origins };
  const instructions = parseDockerfile(handed.dockerfile).stages.at(-1)?.instructions ?? [];
  const steps = stepsOf(handed, instructions, below, composed);
  const placeOf = ({ range, keyword }: Instruction): string | undefined => {
    const at = locateOrigin(text, range)?.at;
    return at && `${at.file}:${at.line} (${keyword})`;
  };
  return {
    ofLayer(layer, path) {
      const own = steps.filter((step) => step.layer === layer);
      const step = own.findLast(({ instruction }) => instruction && isDestination(instruction, path)) ?? own.at(-1);
      if (step?.section) return `${locatePart(step.section.origin).at.file}:${locatePart(step.section.origin).at.line}`;
      return step?.instruction && placeOf(step.instruction);
    },
    ofVariable(name) {
      const set = instructions.findLast(
        ({ keyword, pairs }) => keyword === "ENV" && pairs.some(({ key }) => key === name),
      );
      return set && placeOf(set);
    },
  };
}

/** What made layers, in order. Small neighbours may have become one layer: then several steps have the same one. */
function stepsOf(
  { declared }: HandedDockerfile,
  instructions: readonly Instruction[],
  below: ImageConfig,
  { history = [], rootfs }: ImageConfig,
): Step[] {
  let layer = history.filter(isLayer).length === rootfs.diff_ids.length ? 0 : Number.NaN;
  let next = 0;
  const from = startOf(history, below);
  const steps: Step[] = [];
  for (const [at, entry] of history.entries()) {
    const number = layer;
    if (isLayer(entry)) layer += 1;
    if (at < from) continue;
    const keyword = keywordOf(entry);
    const found = instructions.findIndex((each, index) => index >= next && each.keyword === keyword);
    if (found !== -1) next = found + 1;
    const instruction = instructions[found];
    const section = declared.find(({ layer: name }) => entry.created_by === `declared by compat/${name}`);
    if (makesLayers.has(keyword) || section)
      steps.push({ layer: number, ...(instruction && { instruction }), ...(section && { section }) });
  }
  return steps;
}

const makesLayers = new Set(["RUN", "COPY", "ADD", "WORKDIR"]);

const isLayer = ({ empty_layer: isEmpty }: HistoryEntry): boolean => isEmpty !== true;

/** The first entry that the base does not have. */
function startOf(history: readonly HistoryEntry[], { history: base = [], rootfs }: ImageConfig): number {
  const isSame = base.every(({ created_by: by }, at) => history[at]?.created_by === by);
  if (isSame && base.filter(isLayer).length === rootfs.diff_ids.length) return base.length;
  let left = rootfs.diff_ids.length;
  const last = history.findIndex((entry) => isLayer(entry) && (left -= 1) === 0);
  return last + 1;
}

/** Of the instruction that an entry is of, as BuildKit and the classic builder write them. */
function keywordOf({ created_by: by = "" }: HistoryEntry): string {
  const written = by.replace(/^\/bin\/sh -c #\(nop\)\s+/, "");
  const [word = ""] = written.split(" ");
  return /^[A-Z]+$/.test(word) ? word : "RUN";
}

function isDestination({ keyword, words }: Instruction, path: string): boolean {
  const to = words.at(-1)?.text.replace(/\/+$/, "") ?? "";
  return (keyword === "COPY" || keyword === "ADD") && to.startsWith("/") && `${path}/`.startsWith(`${to}/`);
}
