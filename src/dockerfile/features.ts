import type { Range } from "../diagnostics/text.ts";
import {
  type BuildArguments,
  createEvaluator,
  type EvaluatedInstruction,
  type EvaluationContext,
  globalArguments,
} from "./evaluate.ts";
import type { Dockerfile, Feature, FeatureUse, Instruction, Stage } from "./model.ts";

/**
 * What a Dockerfile needs of an engine beyond what every engine does, in the order of the text; a feature once for every
 * place that needs it. What a variable of the base image would turn into a URL is not seen.
 */
export function requiredFeatures(dockerfile: Dockerfile, buildArgs: BuildArguments = {}): FeatureUse[] {
  const syntax = dockerfile.directives.filter((each) => each.name === "syntax");
  const context = { escape: dockerfile.escape, globals: globalArguments(dockerfile, buildArgs), buildArgs };
  return [
    ...syntax.map(({ range }): FeatureUse => ({ feature: "syntax-directive", range })),
    ...dockerfile.metaArgs.flatMap(patternUses),
    ...dockerfile.stages.flatMap((stage) => stageUses(stage, context)),
  ];
}

function stageUses(stage: Stage, context: EvaluationContext): FeatureUse[] {
  const evaluator = createEvaluator(new Map(), context);
  const uses = stage.instructions.map((each) => [...instructionUses(each), ...sourceUses(evaluator.next(each))]);
  return [...patternUses(stage.from), ...uses.flat()];
}

const flagFeatures: ReadonlyMap<string, Feature> = new Map([
  ["RUN --mount", "run-mount"],
  ["RUN --network", "run-network"],
  ["RUN --security", "run-security"],
  ["RUN --device", "run-device"],
  ["COPY --link", "copy-link"],
  ["ADD --link", "copy-link"],
  ["COPY --chmod", "copy-chmod"],
  ["ADD --chmod", "copy-chmod"],
  ["COPY --exclude", "copy-exclude"],
  ["ADD --exclude", "copy-exclude"],
  ["COPY --parents", "copy-parents"],
  ["ADD --checksum", "add-checksum"],
  ["ADD --unpack", "add-unpack"],
  ["ADD --keep-git-dir", "add-keep-git-dir"],
  ["HEALTHCHECK --start-interval", "healthcheck-start-interval"],
]);

function instructionUses(instruction: Instruction): FeatureUse[] {
  const { keyword, range, heredocs } = instruction;
  const use = (feature: Feature, at: Range): FeatureUse => ({ feature, instruction, range: at });
  const flags = instruction.flags.flatMap((flag) => {
    const feature = flagFeatures.get(`${keyword} --${flag.name}`);
    return feature === undefined || flag.value?.toLowerCase() === "false" ? [] : [use(feature, flag.range)];
  });
  return [
    ...(keyword === "RUN" ? [use("run", range)] : []),
    ...(keyword === "ONBUILD" ? [use("onbuild", range)] : []),
    ...flags,
    ...(heredocs.length > 0 ? [use("heredoc", range)] : []),
    ...patternUses(instruction),
  ];
}

const expanding = new Set([
  "ADD",
  "ARG",
  "COPY",
  "ENV",
  "EXPOSE",
  "FROM",
  "LABEL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
]);

/** `${X#…}`, `${X%…}` and `${X/…}`, which engines before BuildKit 0.11 refuse. */
function patternUses(instruction: Instruction): FeatureUse[] {
  if (!expanding.has(instruction.keyword) || !/\$\{\w+:?[#%/]/.test(instruction.args)) return [];
  return [{ feature: "pattern-expansion", instruction, range: instruction.argsRange }];
}

function sourceUses({ instruction, words }: EvaluatedInstruction): FeatureUse[] {
  if (instruction.keyword !== "ADD") return [];
  return words.slice(0, -1).flatMap((source, index) => {
    const feature = sourceFeature(source);
    return feature === undefined
      ? []
      : [{ feature, instruction, range: instruction.words[index]?.range ?? instruction.range }];
  });
}

/** What ADD takes for a repository or a download: `gitutil.ParseGitRef` of BuildKit. */
function sourceFeature(source: string): Feature | undefined {
  if (/^(?:git|ssh):\/\//.test(source) || /^[\w.-]+@[\w.-]+:/.test(source)) return "add-git";
  if (!/^https?:\/\//.test(source)) return undefined;
  return /^[^#?]*\.git(?:[#?]|$)/.test(source) ? "add-git" : "add-url";
}
