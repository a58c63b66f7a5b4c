import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import { openSession, type Session } from "../run/session.ts";
import { type Call, type Command, exitCodes, type ParsedCall } from "./command.ts";
import { commands } from "./commands.ts";
import { helpOf } from "./help.ts";
import { asksFor, type CommandLine, readLine } from "./line.ts";
import { overview } from "./overview.ts";
import { commandNamed, parseCall } from "./parser.ts";
import { reportBug, reportProblems } from "./report.ts";
import { sessionOptions } from "./session-options.ts";
import { isSystemError, systemProblem } from "./system-error.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** From the words of a command line to an exit code (B33). Throws nothing. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const line = readLine(words, commands);
  const endings: (() => void)[] = [];
  const code = await runLine(words, line, world, (action) => void endings.push(action));
  for (const action of endings) action();
  return code;
}

async function runLine(
  words: readonly string[],
  line: CommandLine,
  world: World,
  atEnd: Call["atEnd"],
): Promise<number> {
  try {
    return await run(words, line, world, atEnd);
  } catch (cause) {
    if (world.signal.aborted) return interrupted(cause, line, world);
    if (cause instanceof RefusedError)
      return reportProblems(cause.diagnostics, codeOf(cause, exitCodes.refused), line, world);
    if (cause instanceof FailedError)
      return reportProblems(cause.diagnostics, codeOf(cause, exitCodes.failed), line, world);
    if (isSystemError(cause)) return reportProblems([systemProblem(cause)], exitCodes.failed, line, world);
    return reportBug(cause, line, world);
  }
}

const codeOf = ({ diagnostics }: FailedError | RefusedError, usual: number): number =>
  isInfrastructure(diagnostics) ? exitCodes.unavailable : usual;

async function run(words: readonly string[], line: CommandLine, world: World, atEnd: Call["atEnd"]): Promise<number> {
  if (words[0] === "complete") return answerShell(words.slice(1), world);
  const help = helpFor(words, line, world);
  if (help !== undefined) {
    world.stdout.write(help);
    return exitCodes.done;
  }
  const command = commandNamed(line.word ?? "build", commands);
  return inSession(command, parseCall(command, line, world), atEnd);
}

/** The session costs nothing before a command asks it for something. */
async function inSession(command: Command, call: ParsedCall, atEnd: Call["atEnd"]): Promise<number> {
  let session: Session | undefined;
  try {
    return await command.run({
      ...call,
      atEnd,
      get session() {
        return (session ??= openSession(sessionOptions(call)));
      },
    });
  } finally {
    await session?.close();
  }
}

/** `complete -- WORDS…` is what completion scripts call; no person does. */
async function answerShell(words: readonly string[], world: World): Promise<number> {
  const { complete } = await import("./completion/complete.ts");
  return complete(words[0] === "--" ? words.slice(1) : words, commands, world);
}

/** What `--help`, `help` and `--version` print, or undefined where the line asks for something else. */
function helpFor(words: readonly string[], line: CommandLine, world: World): string | undefined {
  if (asksForVersion(line)) return `image-builder ${version}\n`;
  if (words[0] === "help")
    return helpText(words[1] === undefined ? undefined : commandNamed(words[1], commands), world);
  if (!asksFor(line, "--help", "-h")) return undefined;
  return helpText(line.word === undefined ? undefined : commandNamed(line.word, commands), world);
}

/** `new … --version 2.0` means that of an image. */
const asksForVersion = (line: CommandLine): boolean =>
  asksFor(line, "-V") || (asksFor(line, "--version") && !line.command?.options.some(({ name }) => name === "version"));

const helpText = (command: Command | undefined, world: World): string =>
  command === undefined ? overview(commands) : helpOf(command, Math.min(world.stdout.columns ?? 100, 120));

/** What was thrown on the way down is only worth a word where a stage worded it; main.ts turns the signal into the exit code. */
function interrupted(cause: unknown, line: CommandLine, world: World): number {
  const known = cause instanceof FailedError || cause instanceof RefusedError;
  const problems = known
    ? cause.diagnostics
    : [error("interrupted", "stopped before it was done; running it again continues")];
  return reportProblems(problems, exitCodes.failed, line, world);
}
