import type { ImageBuild } from "../../compose/model.ts";
import type { Range } from "../../diagnostics/text.ts";
import {
  type Dockerfile,
  expandWord,
  globalArguments,
  type Instruction,
  parseDockerfile,
  requiredFeatures,
  type Stage,
  triggerText,
} from "../../dockerfile/index.ts";
import { isImagePlatform } from "../../oci/platform.ts";
import { type PlannedStage, planStages, stageTriggers } from "../assemble/evaluate/stage-plan.ts";
import { type Need, wording } from "./needs.ts";

/** Something that not every engine can do, and that a build needs. */
export interface Requirement {
  readonly need: Need;
  /** What it is, behind "needs": `RUN`. */
  readonly text: string;
  /** In the text of the build's Dockerfile; absent where no instruction is to blame. */
  readonly range?: Range;
}

/**
 * Everything that a build requires of its engine; stages that the last one does not need require nothing. `dockerfile`: the
 * build's, read.
 */
export function requirementsOf(build: ImageBuild, dockerfile: Dockerfile): Requirement[] {
  const wrong = dockerfile.problems.find((problem) => problem.severity === "error");
  // What stands in a Dockerfile that is not understood cannot be told.
  if (wrong) return [requirement("unknown-syntax", wrong.range)];
  const stages = planStages(dockerfile, globalArguments(dockerfile, build.args), triggersByStage(build));
  const inStages = stages.flatMap(({ stage }) => stageRequirements(dockerfile, stage, build));
  const tests = build.test.length > 0 ? [requirement("tests")] : [];
  const declared = build.dockerfile.declared.length > 0 ? [requirement("declared")] : [];
  const shared = build.contexts ? [requirement("shared-folder")] : [];
  const triggered = [...triggerRequirements(build, stages), ...stages.flatMap((each) => ownTriggers(each, dockerfile))];
  return [...outsideStages(dockerfile, build), ...inStages, ...triggered, ...shared, ...declared, ...tests];
}

/** A trigger may copy from a stage that nothing else needs. */
const triggersByStage = ({ kind, triggers = [] }: ImageBuild): ReadonlyMap<number, readonly Instruction[]> =>
  new Map(
    triggers.flatMap(({ stage, instructions }) =>
      kind === "compat" || stage === undefined ? [] : [[stage, readTriggers(instructions).instructions] as const],
    ),
  );

const readTriggers = (instructions: readonly string[]): Dockerfile =>
  parseDockerfile(`FROM base\n${instructions.join("\n")}\n`);

/** What the layers below leave behind ONBUILD is carried out by a science image, and never by an interface. */
function triggerRequirements({ kind, triggers = [] }: ImageBuild, stages: readonly PlannedStage[]): Requirement[] {
  return triggers.flatMap(({ of, stage, instructions }) => {
    const starts = stage === undefined ? stages.at(-1) : stages.find((each) => each.stage.index === stage);
    if (starts === undefined) return [];
    const { range } = starts.stage.from;
    if (kind === "compat") return [requirement("untriggered", range)];
    return triggerNeeds(instructions).map((need) => ({ need, text: `${wording[need]} by ONBUILD of ${of}`, range }));
  });
}

/** Those of a stage of the same Dockerfile, in the stage that starts from it. */
function ownTriggers(planned: PlannedStage, dockerfile: Dockerfile): Requirement[] {
  const instructions = stageTriggers(planned, dockerfile);
  const [first] = instructions;
  if (first === undefined) return [];
  const { range } = first;
  return triggerNeeds(instructions.map(triggerText)).map((need) => ({
    need,
    text: `${wording[need]} by ONBUILD`,
    range,
  }));
}

function triggerNeeds(instructions: readonly string[]): Need[] {
  const read = readTriggers(instructions);
  const archives = read.instructions.some(addsForeignArchive) ? ["foreign-archive" as const] : [];
  return [...requiredFeatures(read, {}).map(({ feature }) => feature), ...archives];
}

/** Those of one stage: of its platform, then of its instructions. */
export function stageRequirements(dockerfile: Dockerfile, stage: Stage, build: ImageBuild): Requirement[] {
  const foreign = stage.platform !== undefined && !isOurs(dockerfile, stage.platform, build);
  const features = requiredFeatures(dockerfile, build.args).filter(({ range }) => isIn(stage, range));
  const archives = stage.instructions.filter(addsForeignArchive);
  return [
    ...(foreign ? [requirement("other-platform", stage.from.range)] : []),
    ...features.map(({ feature, range }) => requirement(feature, range)),
    ...archives.map(({ range }) => requirement("foreign-archive", range)),
  ];
}

/** Directives, and what stands before the first stage or in a FROM. */
function outsideStages(dockerfile: Dockerfile, { args }: ImageBuild): Requirement[] {
  return requiredFeatures(dockerfile, args)
    .filter(({ range }) => !dockerfile.stages.some((stage) => isIn(stage, range)))
    .map(({ feature, range }) => requirement(feature, range));
}

const requirement = (need: Need, range?: Range): Requirement => ({
  need,
  text: wording[need],
  ...(range && { range }),
});

const isIn = ({ instructions }: Stage, range: Range): boolean =>
  instructions.some((each) => each.range.start <= range.start && range.end <= each.range.end);

function isOurs(dockerfile: Dockerfile, platform: string, { args }: ImageBuild): boolean {
  const { value } = expandWord(platform, globalArguments(dockerfile, args), { escape: dockerfile.escape });
  return isImagePlatform(value);
}

const addsForeignArchive = ({ keyword, words }: Instruction): boolean =>
  keyword === "ADD" && words.slice(0, -1).some(({ text }) => /\.(?:tar\.(?:bz2|xz|zst|lz)|tbz2?|txz)$/i.test(text));
