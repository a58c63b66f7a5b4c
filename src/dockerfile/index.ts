export {
  type BuildArguments,
  createEvaluator,
  type EvaluatedInstruction,
  type Evaluation,
  type EvaluationContext,
  type Evaluator,
  evaluateInstructions,
  globalArguments,
  type InlineFile,
} from "./evaluate.ts";
export type * from "./model.ts";
export { parseDockerfile } from "./parse.ts";
export { imageReferences } from "./references.ts";
export { type Environment, type ExpandedWord, expandWord, type ShellOptions } from "./shell.ts";
