export { sameInstructions } from "./equality.ts";
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
export { requiredFeatures } from "./features.ts";
export { type Leftovers, lastUser, leftovers } from "./fragment.ts";
export {
  createMatcher,
  type IgnoreFile,
  type IgnoreMatcher,
  type IgnoreState,
  type IgnoreVerdict,
  parseIgnoreFile,
} from "./ignore.ts";
export type * from "./model.ts";
export { compileNamePattern } from "./name-pattern.ts";
export { neededStages } from "./needed-stages.ts";
export { parseDockerfile } from "./parse.ts";
export { imageReferences } from "./references.ts";
export { type ExpandedWord, expandWord, type ShellOptions, type Variables } from "./shell.ts";
export { triggerText } from "./triggers.ts";
