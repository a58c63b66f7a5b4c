import { type BuildArguments, createEvaluator, type EvaluationContext, globalArguments } from "./evaluate.ts";
import type { Dockerfile, ImageReference, Stage } from "./model.ts";
import { expandWord, type Variables } from "./shell.ts";
import { isStageNumber, type Source, sourcesOf } from "./sources.ts";

/**
 * Every image that a Dockerfile names: by FROM, by `COPY --from=` and by `RUN --mount=from=`, in the order of the text.
 * The name of a stage shadows that of an image: for FROM an earlier stage, by its lower-cased name exactly; for the
 * others any stage, whatever the case (a later one is an error of BuildKit's, never an image).
 */
export function imageReferences(dockerfile: Dockerfile, buildArgs: BuildArguments): ImageReference[] {
  const globals = onFirstUse(() => globalArguments(dockerfile, buildArgs));
  const names = new Set(dockerfile.stages.flatMap((stage) => stage.name ?? []));
  const earlier = new Set<string>();
  return dockerfile.stages.flatMap((stage) => {
    const base = baseReference(dockerfile, stage, globals);
    const found = base === undefined || earlier.has(base.name) ? [] : [base];
    if (stage.name !== undefined) earlier.add(stage.name);
    const sources = sourceReferences(stage, { escape: dockerfile.escape, globals, buildArgs });
    return [...found, ...sources.filter((each) => !namesStage(each, names))];
  });
}

function baseReference(
  { escape }: Dockerfile,
  { index, base }: Stage,
  globals: () => Variables,
): ImageReference | undefined {
  if (base === undefined) return undefined;
  const { text: written, range } = base;
  if (!/[$'"`\\]/.test(written)) return { via: "from", stage: index, written, range, name: written, unresolved: [] };
  const { value, unset, problem } = expandWord(written, globals(), { escape });
  const name = problem === undefined ? value : written;
  return { via: "from", stage: index, written, range, name, unresolved: unset };
}

/**
 * BuildKit refuses variables in `--from=` (`problems` says so); buildah expands them. They are expanded here, so that no
 * engine builds on an image that the plan does not know of.
 */
function sourceReferences({ index, instructions }: Stage, lazily: LazyContext): ImageReference[] {
  if (!instructions.some((each) => each.flags.length > 0)) return [];
  const expands = instructions.some((each) => sourcesOf(each).some(hasVariable));
  const context = { ...lazily, globals: expands ? lazily.globals() : noVariables };
  const evaluator = expands ? createEvaluator(context.globals, context) : undefined;
  return instructions.flatMap((instruction) => {
    if (instruction.keyword === "ARG" || instruction.keyword === "ENV") evaluator?.next(instruction);
    return sourcesOf(instruction).map((source) => {
      const { via, written, range } = source;
      if (evaluator === undefined || !hasVariable(source))
        return { via, stage: index, written, range, name: written, unresolved: [] };
      const { value, unset } = expandWord(written, evaluator.environment, context);
      return { via, stage: index, written, range, name: value, unresolved: unset };
    });
  });
}

/** Most Dockerfiles name their images plainly, and need no environment to be read. */
type LazyContext = Omit<EvaluationContext, "globals"> & { readonly globals: () => Variables };

const noVariables: Variables = new Map();

function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const hasVariable = ({ written }: Source): boolean => written.includes("$");

/** A number counts stages for COPY, and is an image for `--mount`. */
const namesStage = ({ via, name }: ImageReference, names: ReadonlySet<string>): boolean =>
  names.has(name.toLowerCase()) || (via === "copy" && isStageNumber(name));
