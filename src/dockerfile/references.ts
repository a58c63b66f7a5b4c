import { type BuildArguments, createEvaluator, type EvaluationContext, globalArguments } from "./evaluate.ts";
import type { Dockerfile, ImageReference, Instruction, Stage } from "./model.ts";
import { expandWord, type Variables } from "./shell.ts";
import { isStageNumber, type Source, sourcesOf } from "./sources.ts";

/**
 * Every image that a Dockerfile names: by FROM, by `COPY --from=` and by `RUN --mount=from=`, also behind ONBUILD, in the order of the text.
 * The name of a stage shadows that of an image: for FROM an earlier stage, by its lower-cased name exactly; for the
 * others any stage, whatever the case (a later one is an error of BuildKit's, never an image).
 */
export function imageReferences(dockerfile: Dockerfile, buildArgs: BuildArguments): ImageReference[] {
  const globals = onFirstUse(() => globalArguments(dockerfile, buildArgs));
  // A part of a Dockerfile, which is put behind a FROM later on, can copy from images all the same.
  if (dockerfile.stages.length === 0) {
    const { escape, instructions } = dockerfile;
    const sources = sourceReferences({ index: 0, instructions }, { escape, globals, buildArgs });
    return sources.filter((each) => !namesStage(each, new Set()));
  }
  const names = new Set(dockerfile.stages.flatMap((stage) => stage.name ?? []));
  // By name of a stage: the one that it goes back to by names of stages.
  const lowest = new Map<string, number>();
  let last: number | undefined;
  const references = dockerfile.stages.flatMap((stage) => {
    const base = baseReference(dockerfile, stage, globals);
    const below = base === undefined ? undefined : lowest.get(base.name);
    const found = base === undefined || below !== undefined ? [] : [base];
    last = below ?? stage.index;
    if (stage.name !== undefined) lowest.set(stage.name, last);
    const sources = sourceReferences(stage, { escape: dockerfile.escape, globals, buildArgs });
    return [...found, ...sources.filter((each) => !namesStage(each, names))];
  });
  return references.map((each) => (each.via === "from" && each.stage === last ? { ...each, final: true } : each));
}

function baseReference(
  { escape }: Dockerfile,
  { index, base }: Stage,
  globals: () => Variables,
): ImageReference | undefined {
  if (base === undefined) return undefined;
  const { text: written, range } = base;
  const common = { via: "from", stage: index, final: false, written, range } as const;
  if (!/[$'"`\\]/.test(written)) return { ...common, name: written, unresolved: [] };
  const { value, missing, problem } = expandWord(written, globals(), { escape });
  const name = problem === undefined ? value : written;
  return { ...common, name, unresolved: missing };
}

/**
 * BuildKit refuses variables in `--from=` (`problems` says so); buildah expands them. They are expanded here, so that no
 * engine builds on an image that the plan does not know of.
 */
function sourceReferences(
  { index, instructions }: Pick<Stage, "index" | "instructions">,
  lazily: LazyContext,
): ImageReference[] {
  if (!instructions.some((each) => each.flags.length > 0 || each.inner !== undefined)) return [];
  const expands = instructions.some((each) => sourcesOf(each).some(hasVariable));
  const context = { ...lazily, globals: expands ? lazily.globals() : noVariables };
  const evaluator = expands ? createEvaluator(context.globals, context) : undefined;
  return instructions.flatMap((instruction) => {
    if (instruction.keyword === "ARG" || instruction.keyword === "ENV") evaluator?.next(instruction);
    return [...sourcesOf(instruction), ...triggeredImages(instruction)].map((source) => {
      const { via, written, range } = source;
      const common = { via, stage: index, final: false, written, range };
      if (evaluator === undefined || !hasVariable(source)) return { ...common, name: written, unresolved: [] };
      const { value, missing } = expandWord(written, evaluator.environment, context);
      return { ...common, name: value, unresolved: missing };
    });
  });
}

/**
 * What stands behind ONBUILD is carried out in another Dockerfile, whose stages may have any plain name. What can be no name of a stage is
 * an image, there as here.
 */
const triggeredImages = ({ inner }: Instruction): Source[] =>
  inner === undefined ? [] : sourcesOf(inner).filter(({ written }) => /[/:@]/.test(written) && !written.includes("$"));

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
