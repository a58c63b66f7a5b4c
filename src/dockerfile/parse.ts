import { checkInstruction } from "./checks.ts";
import { byteOrderMark, escapeOf, readDirectives } from "./directives.ts";
import { collectFindings, type Findings } from "./findings.ts";
import { readHeredocs } from "./heredocs.ts";
import { type Reading, readInstruction } from "./instruction.ts";
import { checkLineLengths, joinContinuations, type LogicalLine, lineAt } from "./lines.ts";
import type { Dockerfile, Instruction } from "./model.ts";
import { checkStageSources } from "./stage-sources.ts";
import { checkStages, splitStages } from "./stages.ts";

/**
 * Reads a Dockerfile as BuildKit's parser does. Never throws: what BuildKit would refuse is in `problems`, and the reader
 * goes on behind it.
 * https://github.com/moby/buildkit/tree/v0.25.1/frontend/dockerfile/parser
 */
export function parseDockerfile(text: string): Dockerfile {
  const findings = collectFindings();
  const directives = readDirectives(text, findings);
  const escape = escapeOf(directives, findings);
  const instructions = readInstructions(text, { escape, findings });
  checkLineLengths(text, findings);
  for (const instruction of instructions) if (!findings.isFull()) checkInstruction(instruction, findings);
  const { metaArgs, stages } = splitStages(instructions);
  checkStages(instructions, stages, findings);
  checkStageSources(stages, findings);
  const problems = [...findings.problems].sort((a, b) => a.range.start - b.range.start);
  return { text, escape, directives, instructions, metaArgs, stages, problems };
}

function readInstructions(text: string, reading: Reading): Instruction[] {
  const instructions: Instruction[] = [];
  let at = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
  while (at < text.length) {
    const first = lineAt(text, at);
    const line = joinContinuations(text, first, reading.escape);
    at = first.next;
    if (line === undefined) continue;
    noteContinuations(line, reading.findings);
    const instruction = readInstruction(line, 0, reading);
    const { heredocs, next } = takesHeredocs(instruction)
      ? readHeredocs(text, line, reading.findings)
      : { heredocs: [], next: line.next };
    instructions.push(heredocs.length === 0 ? instruction : withHeredocs(instruction, heredocs));
    at = next;
  }
  return instructions;
}

function noteContinuations({ dangling, emptyLine }: LogicalLine, findings: Findings): void {
  if (dangling !== undefined) {
    findings.warning(
      "dangling-continuation",
      "the text ends where the next line of an instruction is expected",
      dangling,
    );
  }
  if (emptyLine !== undefined) {
    findings.warning(
      "empty-continuation",
      "an empty line stands within an instruction",
      emptyLine,
      "drop it, or make it a comment",
    );
  }
}

function takesHeredocs({ keyword, json, inner }: Instruction): boolean {
  if (keyword === "ONBUILD") return inner !== undefined && takesHeredocs(inner);
  return json === undefined && (keyword === "RUN" || keyword === "COPY" || keyword === "ADD");
}

const withHeredocs = (instruction: Instruction, heredocs: Instruction["heredocs"]): Instruction => ({
  ...instruction,
  heredocs,
  ...(instruction.inner === undefined ? {} : { inner: { ...instruction.inner, heredocs } }),
});
