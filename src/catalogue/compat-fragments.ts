import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { Dockerfile, Instruction, Stage } from "../dockerfile/model.ts";
import { isStageNumber, sourcesOf } from "../dockerfile/sources.ts";
import { locateKey } from "./check-compat.ts";
import type { CompatLayer } from "./model.ts";

/** The two parts of a compat layer's Dockerfile (B24). */
export interface Fragment {
  /** ARG before the first stage; empty without stages. */
  readonly metaArgs: readonly Instruction[];
  /** Stages of the layer's own, which know nothing of a science image. */
  readonly stages: readonly Stage[];
  /** From the start of the text to `FROM science`; empty without stages. */
  readonly head: Range;
  /** What comes to be on top of the science image. */
  readonly proper: { readonly range: Range; readonly instructions: readonly Instruction[] };
}

/** The name that stands for the science image, in any case. */
export const science = "science";

/** Takes a compat Dockerfile apart, also a faulty one: what `fragmentProblems` finds wrong is in one of the parts or in none. */
export function splitFragment(dockerfile: Dockerfile): Fragment {
  const { text, stages, instructions, metaArgs } = dockerfile;
  const all = { start: 0, end: text.length };
  const none = { start: 0, end: 0 };
  if (stages.length === 0) return { metaArgs: [], stages: [], head: none, proper: { range: all, instructions } };
  const last = stages.findIndex(isScience);
  const own = stages[last];
  if (!own) return { metaArgs, stages, head: all, proper: { range: none, instructions: [] } };
  const start = endOfLine(text, own.from.range.end);
  const end = stages[last + 1]?.from.range.start ?? text.length;
  const proper = { range: { start, end }, instructions: own.instructions };
  return { metaArgs, stages: stages.slice(0, last), head: { start: 0, end: own.from.range.start }, proper };
}

/**
 * What is wrong with a compat layer's Dockerfile as a part of a stack. `includedBy` names the layers that include it:
 * what such a layer leaves behind reaches into them.
 */
export function fragmentProblems(layer: CompatLayer, includedBy: readonly string[] = []): Diagnostic[] {
  const fragment = splitFragment(layer.dockerfile);
  return [
    ...stageProblems(layer),
    ...directiveProblems(layer),
    ...argumentProblems(layer),
    ...scienceProblems(layer, fragment),
    ...numberProblems(layer, fragment),
    ...(includedBy.length > 0 ? leftBehind(layer, fragment, includedBy) : []),
    ...backslashProblems(layer),
  ];
}

/** The instructions that must run inside each science image, so that an engine has to fetch it (issue: payload stages). */
export function bindingProblems(layer: CompatLayer): Diagnostic[] {
  const { proper } = splitFragment(layer.dockerfile);
  return proper.instructions
    .filter(({ keyword }) => keyword === "RUN")
    .map(({ range }) =>
      warning("runs-in-science", "this instruction runs inside each science image, which an engine must fetch for it", {
        ...located(layer, range),
        help: 'declare "user" and "directories" in the definition, or do the work in a stage of the layer\'s own, ended by FROM science',
      }),
    );
}

function stageProblems(layer: CompatLayer): Diagnostic[] {
  const { stages, instructions } = layer.dockerfile;
  const last = stages.findIndex(isScience);
  if (stages.length === 0) return [];
  if (last === -1) return stages.map((stage) => fromProblem(layer, stage));
  const first = stages[0] as Stage;
  return [
    ...instructions
      .filter(({ keyword, range }) => keyword !== "ARG" && range.start < first.from.range.start)
      .map(({ range }) =>
        error("before-first-stage", "only ARG may stand before the first FROM", located(layer, range)),
      ),
    ...stages.slice(last + 1).map(({ from }) =>
      error("from-after-science", '"FROM science" begins the layer proper; no stage can follow it', {
        ...located(layer, from.range),
        help: 'move this stage before "FROM science"',
      }),
    ),
    ...(isPlain(stages[last] as Stage) ? [] : [scienceWithMore(layer, stages[last] as Stage)]),
    ...stages.filter(({ name }) => name === science).map(({ from }) => namedScience(layer, from)),
  ];
}

const fromProblem = (layer: CompatLayer, { from }: Stage): Diagnostic =>
  error("from-in-fragment", "a compat layer is built on a science image and cannot choose another base", {
    ...located(layer, from.range),
    help: 'remove this line, or end the stages of the layer\'s own with "FROM science"',
  });

const scienceWithMore = (layer: CompatLayer, { from }: Stage): Diagnostic =>
  error("from-science-alone", '"FROM science" stands alone, without platform and name', {
    ...located(layer, from.range),
    help: 'write "FROM science"',
  });

const namedScience = (layer: CompatLayer, from: Instruction): Diagnostic =>
  error("stage-named-science", 'a stage cannot be called "science", which stands for the science image', {
    ...located(layer, from.range),
    help: "give the stage another name",
  });

/** The composed Dockerfile has one escape character, and directives count at its very top alone. */
const directiveProblems = (layer: CompatLayer): Diagnostic[] =>
  layer.dockerfile.directives.flatMap(({ name, value, range }) => {
    if (name === "escape" && value !== "\\")
      return [
        error("fragment-escape", "a compat layer keeps the backslash as escape character", located(layer, range)),
      ];
    const message = `the directive "${name}" has no effect in a compat layer, whose text comes after others`;
    return [warning("fragment-directive", message, { ...located(layer, range), help: "remove this line" })];
  });

function argumentProblems(layer: CompatLayer): Diagnostic[] {
  const declared = new Set(
    layer.dockerfile.instructions
      .filter(({ keyword }) => keyword === "ARG")
      .flatMap(({ pairs }) => pairs.map(({ key }) => key)),
  );
  return Object.entries(layer.args).flatMap(([name, value]) => {
    const details = locateKey(layer, `args.${name}`);
    if (/[\r\n]/.test(value))
      return [error("argument-line-break", `the build argument "${name}" has a line break in it`, details)];
    if (declared.has(name) || predefinedArguments.has(name)) return [];
    const message = `no ARG of ${layer.dockerfile.path} takes the build argument "${name}"`;
    return [warning("unused-argument", message, { ...details, help: `add "ARG ${name}", or remove the argument` })];
  });
}

/** What a Dockerfile may use without ARG: https://docs.docker.com/reference/dockerfile/#predefined-args */
export const predefinedArguments: ReadonlySet<string> = new Set(
  ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
);

const scienceProblems = (layer: CompatLayer, { stages, proper }: Fragment): Diagnostic[] =>
  [...stages.flatMap((stage) => stage.instructions), ...proper.instructions].flatMap(({ flags, range }) =>
    flags.some(({ name, value }) => name === "from" && value?.toLowerCase() === science)
      ? [error("copy-from-science", "the science image cannot be copied from", located(layer, range))]
      : [],
  );

/** Numbers count the stages of the composed Dockerfile, which are those of other layers where this one has none. */
const numberProblems = (layer: CompatLayer, { stages, proper }: Fragment): Diagnostic[] =>
  (stages.length === 0 ? proper.instructions.flatMap(sourcesOf) : []).flatMap(({ via, written, range }) =>
    via === "copy" && isStageNumber(written)
      ? [error("no-such-stage", `this layer has no stage ${written}`, located(layer, range))]
      : [],
  );

function leftBehind(layer: CompatLayer, { proper }: Fragment, includedBy: readonly string[]): Diagnostic[] {
  const user = proper.instructions.findLast(({ keyword }) => keyword === "USER");
  const shell = proper.instructions.findLast(({ keyword }) => keyword === "SHELL");
  const reaches = `reaches into ${includedBy.map((name) => `"${name}"`).join(", ")}, which ${includedBy.length === 1 ? "includes" : "include"} this layer`;
  return [
    ...(user && !/^(?:root|0)(?::|$)/.test(user.args)
      ? [
          warning("user-left-behind", `"USER ${user.args}" ${reaches}`, {
            ...located(layer, user.range),
            help: 'end the layer with "USER root", and set the user in the topmost layer',
          }),
        ]
      : []),
    ...(shell ? [warning("shell-left-behind", `this SHELL ${reaches}`, located(layer, shell.range))] : []),
  ];
}

function backslashProblems(layer: CompatLayer): Diagnostic[] {
  const at = trailingBackslash(layer.dockerfile.text);
  if (at === undefined) return [];
  const details = { ...located(layer, { start: at, end: at + 1 }), help: "remove the backslash" };
  return [warning("trailing-backslash", "the last instruction ends with a backslash, and no line follows", details)];
}

/** Offset of a backslash that would join the next fragment's first line to this text; blank and comment lines do not stop it. */
export function trailingBackslash(text: string): number | undefined {
  const lines = text.split("\n");
  while (lines.length > 0 && /^\s*(?:#|$)/.test(lines.at(-1) ?? "")) lines.pop();
  const line = lines.at(-1) ?? "";
  return /\\\s*$/.test(line) ? lines.join("\n").length - line.length + line.lastIndexOf("\\") : undefined;
}

const isScience = ({ base }: Stage): boolean => base?.text.toLowerCase() === science;
const isPlain = ({ name, platform }: Stage): boolean => name === undefined && platform === undefined;
const located = ({ dockerfile }: CompatLayer, range: Range) => locate(dockerfile.path, dockerfile.text, range);

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  return newline === -1 ? text.length : newline + 1;
}
