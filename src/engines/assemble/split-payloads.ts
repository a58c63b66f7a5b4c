import type { ImageBuild } from "../../compose/model.ts";
import { withContexts } from "../../compose/shared.ts";
import { cutPiece, type Edit, joinExactly } from "../../compose/text-pieces.ts";
import type { Range } from "../../diagnostics/text.ts";
import { type Dockerfile, globalArguments, type Instruction, type Stage } from "../../dockerfile/index.ts";
import { canonicalJson } from "../../oci/canonical-json.ts";
import { digestHex, sha256Digest } from "../../oci/digest.ts";
import { isTaken, type Need } from "../choice/needs.ts";
import { stageRequirements } from "../choice/requirements.ts";
import { type PlannedStage, planStages } from "./evaluate/stage-plan.ts";

export interface SplitBuild {
  /** The build that copies from its payloads; the very build where there is nothing to split off. */
  readonly build: ImageBuild;
  readonly payloads: readonly ImageBuild[];
}

/**
 * Takes the stages that require more than `takes` out of a compat build, where its last stage only copies from them: each
 * becomes a build of its own, the same for every science image, and is carried out once per run. `dockerfile`: the build's, read.
 */
export function splitPayloads(build: ImageBuild, dockerfile: Dockerfile, takes: ReadonlySet<Need>): SplitBuild {
  const stages = planStages(dockerfile, globalArguments(dockerfile, build.args));
  const last = stages.at(-1);
  if (build.kind !== "compat" || !last || stages.length < 2) return { build, payloads: [] };
  const plans = new Map(stages.map((each) => [each.stage.index, each]));
  const lacks = ({ stage }: PlannedStage): boolean =>
    stageRequirements(dockerfile, stage, build).some(({ need }) => !isTaken(need, takes));
  const isBound = (index: number): boolean => isLacking(index, plans, lacks);
  if (last.from.kind === "stage" && isBound(last.from.index)) return { build, payloads: [] };
  const copied = copiedStages(last).filter(({ index }) => isBound(index));
  if (copied.length === 0) return { build, payloads: [] };
  const payloads = new Map(copied.map(({ index }) => [index, payloadOf(dockerfile, index, build)]));
  return { build: withPayloads(build, dockerfile, last.stage, copied, payloads), payloads: [...payloads.values()] };
}

interface CopiedStage {
  readonly instruction: Instruction;
  readonly index: number;
}

const copiedStages = ({ copies }: PlannedStage): CopiedStage[] =>
  [...copies].flatMap(([instruction, from]) => (from.kind === "stage" ? [{ instruction, index: from.index }] : []));

/** True when the stage, or one that it builds on or copies from, requires more than is taken. */
function isLacking(
  index: number,
  plans: ReadonlyMap<number, PlannedStage>,
  lacks: (plan: PlannedStage) => boolean,
): boolean {
  const plan = plans.get(index);
  if (!plan) return false;
  if (lacks(plan)) return true;
  return [plan.from, ...plan.copies.values()].some(
    (source) => source.kind === "stage" && source.index < index && isLacking(source.index, plans, lacks),
  );
}

/** Everything up to the end of the stage: what that stage does not need, no engine builds. */
function payloadOf(dockerfile: Dockerfile, index: number, build: ImageBuild): ImageBuild {
  const stage = dockerfile.stages[index];
  const template = cutPiece(build.dockerfile, { start: 0, end: endOf(dockerfile, index) }, []);
  const references = template.references.map((reference) => ({
    ...reference,
    final: stage !== undefined && isWithin(reference, stage.from.range),
  }));
  const text = withoutStamp(template.text);
  const inputs = sha256Digest(canonicalJson({ text, context: build.context, args: build.args }));
  const name = `${stage?.name ?? index}-${digestHex(inputs).slice(0, 12)}`;
  const tag = `localhost/image-builder/payload:${name}`;
  const dependsOn = references.flatMap(({ base }) => (base.kind === "built" ? [base.id] : []));
  const { context, args } = build;
  const contexts = (build.contexts ?? []).filter(({ reference }) => text.includes(reference));
  const secrets = (build.secrets ?? []).filter((each) => text.includes(each));
  return {
    id: `payload/${name}`,
    kind: "payload",
    tags: [tag, tag],
    dependsOn,
    dockerfile: { ...template, references },
    context,
    ...withContexts(contexts),
    ...(secrets.length > 0 && { secrets }),
    args,
    labels: {},
    runLabels: [],
    inputs,
    test: [],
  };
}

/** The comment at the top names the image that the Dockerfile was composed for, which makes no difference to a payload. */
const withoutStamp = (text: string): string => text.replace(/^#[^\n]*\n/, "");

function withPayloads(
  build: ImageBuild,
  dockerfile: Dockerfile,
  last: Stage,
  copied: readonly CopiedStage[],
  payloads: ReadonlyMap<number, ImageBuild>,
): ImageBuild {
  const kept = keptRanges(dockerfile, last, copied);
  const edits = copied.map(({ instruction, index }) => referenceEdit(instruction, payloads.get(index)?.id ?? ""));
  const template = joinExactly(kept.map((range) => cutPiece(build.dockerfile, range, edits)));
  const ids = [...new Set([...payloads.values()].map(({ id }) => id))];
  return { ...build, dockerfile: template, dependsOn: [...build.dependsOn, ...ids] };
}

function referenceEdit({ flags }: Instruction, id: string): Edit {
  const range = flags.find((flag) => flag.name === "from")?.valueRange ?? { start: 0, end: 0 };
  return { range, put: { base: { kind: "built", id }, final: false } };
}

/** The beginning, and the stages that the last one still needs; stages that copy by number keep their numbers' meaning. */
function keptRanges(dockerfile: Dockerfile, last: Stage, copied: readonly CopiedStage[]): Range[] {
  const split = new Set(copied.map(({ index }) => index));
  const needed = new Set<number>();
  const add = (index: number): void => {
    if (needed.has(index)) return;
    needed.add(index);
    const stage = dockerfile.stages[index];
    for (const name of stage ? namesIn(stage, dockerfile) : []) if (!split.has(name)) add(name);
  };
  add(last.index);
  const first = dockerfile.stages[0]?.from.range.start ?? 0;
  const stages = [...needed].sort((a, b) => a - b);
  return [{ start: 0, end: first }, ...stages.map((index) => rangeOf(dockerfile, index))];
}

function namesIn(stage: Stage, dockerfile: Dockerfile): number[] {
  const plan = planStages({ ...dockerfile, stages: dockerfile.stages.slice(0, stage.index + 1) }, new Map()).at(-1);
  const sources = plan ? [plan.from, ...plan.copies.values()] : [];
  return sources.flatMap((source) => (source.kind === "stage" ? [source.index] : []));
}

const rangeOf = (dockerfile: Dockerfile, index: number): Range => ({
  start: dockerfile.stages[index]?.from.range.start ?? 0,
  end: endOf(dockerfile, index),
});

const endOf = ({ stages, text }: Dockerfile, index: number): number =>
  stages[index + 1]?.from.range.start ?? text.length;

const isWithin = (inner: Range, outer: Range): boolean => outer.start <= inner.start && inner.end <= outer.end;
