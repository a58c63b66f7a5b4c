import { posix } from "node:path";
import type { Range } from "../diagnostics/text.ts";
import { usesForeignFrontend } from "./directives.ts";
import { type BuildArguments, createEvaluator, type EvaluationContext, globalArguments } from "./evaluate.ts";
import { readHeredocMark } from "./heredocs.ts";
import type { Dockerfile, Field, Instruction, Stage } from "./model.ts";
import { baseStage, neededStages } from "./needed-stages.ts";
import { expandWord, type Variables } from "./shell.ts";

/** What an instruction cannot do without in the build context, as far as its text and its variables tell. */
export interface NeededFile {
  /** As BuildKit cleans it: from the top of the context, without `.` and `..`; "" is the whole context. */
  readonly path: string;
  /** It may name more than one file, or none. */
  readonly isPattern: boolean;
  readonly written: string;
  readonly range: Range;
  /** Its instruction has no other source. */
  readonly alone: boolean;
}

/**
 * The sources of COPY and ADD and of bind mounts in every stage that is built. Left out is what cannot be known: with a variable that
 * the base image may set, with an escape, of a stage or an image, what ADD fetches, and all that a foreign frontend reads. `from`:
 * those of the context of this name, in place of those of the build's own.
 */
export function contextSources(dockerfile: Dockerfile, buildArgs: BuildArguments, from?: string): NeededFile[] {
  if (usesForeignFrontend(dockerfile)) return [];
  const globals = globalArguments(dockerfile, buildArgs);
  const context = { escape: dockerfile.escape, globals, buildArgs, ...(from !== undefined && { from }) };
  // A part of a Dockerfile, which is put behind a FROM later on.
  if (dockerfile.stages.length === 0) return sourcesIn(dockerfile.instructions, new Map(), context).sources;
  const environments = new Map<Stage, Variables>();
  const needed = neededStages(dockerfile, buildArgs);
  return dockerfile.stages.flatMap((stage) => {
    if (!needed.has(stage.index)) return [];
    const below = baseStage(stage, dockerfile, globals);
    const start = (below && environments.get(below)) ?? new Map<string, string>();
    const { sources, environment } = sourcesIn(stage.instructions, start, context);
    environments.set(stage, environment);
    return sources;
  });
}

/** The same behind ONBUILD in the last stage, for a build that starts from the image; with a variable, nothing is known of them. */
export function triggerSources({ stages, escape }: Dockerfile): NeededFile[] {
  const triggers = stages.at(-1)?.instructions.flatMap(({ inner }) => inner ?? []) ?? [];
  const context = { escape, globals: new Map<string, string>(), buildArgs: {} };
  return triggers.flatMap((each) => sourcesIn([each], new Map(), context).sources);
}

interface Wanted extends EvaluationContext {
  readonly from?: string;
}

function sourcesIn(instructions: readonly Instruction[], start: Variables, context: Wanted) {
  const evaluator = createEvaluator(start, context);
  const sources = instructions.flatMap((instruction) => {
    evaluator.next(instruction);
    const written = writtenSources(instruction, context.from);
    return written.flatMap((each) => sourceOf(each, evaluator.environment, context) ?? []);
  });
  return { sources, environment: evaluator.environment };
}

type Written = Pick<NeededFile, "written" | "range" | "alone"> & { readonly isMount: boolean };

function writtenSources(instruction: Instruction, from: string | undefined): Written[] {
  const { keyword, words, flags } = instruction;
  if (keyword === "RUN") return flags.flatMap(({ fields }) => mountSource(fields ?? [], from));
  if (keyword !== "COPY" && keyword !== "ADD") return [];
  if (!isFrom(flags.find(({ name }) => name === "from")?.value, from)) return [];
  const sources = words.slice(0, -1);
  // Between the parts of a `**` there may be any folder.
  const isDeep = flags.some(({ name, value }) => name === "parents" && value?.toLowerCase() !== "false");
  return sources
    .filter(({ text }) => readHeredocMark(text) === undefined && !remote.test(text) && !(isDeep && text.includes("**")))
    .map(({ text, range }) => ({ written: text, range, alone: sources.length === 1, isMount: false }));
}

/** What ADD fetches. BuildKit takes `github.com/…` for a path, and other builders for a repository. */
const remote = /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:|github\.com\/)/i;

const isFrom = (written: string | undefined, from: string | undefined): boolean =>
  (written || undefined)?.toLowerCase() === from;

function mountSource(fields: readonly Field[], from: string | undefined): Written[] {
  const valueOf = (...keys: string[]) => fields.findLast(({ key }) => keys.includes(key));
  const source = valueOf("source", "src");
  const type = valueOf("type")?.value ?? "bind";
  if (type !== "bind" || !isFrom(valueOf("from")?.value, from) || !source?.value) return [];
  return [{ written: source.value, range: source.range, alone: true, isMount: true }];
}

function sourceOf(
  { written, range, alone, isMount }: Written,
  environment: Variables,
  { escape }: EvaluationContext,
): NeededFile | undefined {
  if (/[\\`]/.test(written)) return undefined;
  const { value, unset, problem } = expandWord(written, environment, { escape });
  if (problem !== undefined || unset.length > 0 || remote.test(value)) return undefined;
  const path = posix.normalize(`/${value}`).replace(/^\/+|\/+$/g, "");
  return { path, isPattern: !isMount && /[*?[]/.test(path), written, range, alone };
}
