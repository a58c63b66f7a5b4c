import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { openSession, type Session } from "../run/session.ts";
import { arrange, commandNamed } from "./arguments.ts";
import { type Command, exitCodes, type ParsedCall } from "./command.ts";
import { commands } from "./commands.ts";
import { overview } from "./overview.ts";
import { helpOf, parseCall } from "./parser.ts";
import { reportBug, reportProblems } from "./report.ts";
import { sessionOptions } from "./session-options.ts";
import { isSystemError, systemProblem } from "./system-error.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** From the words of a command line to an exit code (B33). Throws nothing. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  try {
    return await run(words, world);
  } catch (cause) {
    if (world.signal.aborted) return interrupted(cause, words, world);
    if (cause instanceof RefusedError) return reportProblems(cause.diagnostics, exitCodes.refused, words, world);
    if (cause instanceof FailedError) return reportProblems(cause.diagnostics, exitCodes.failed, words, world);
    if (isSystemError(cause)) return reportProblems([systemProblem(cause)], exitCodes.failed, words, world);
    return reportBug(cause, words, world);
  }
}

async function run(words: readonly string[], world: World): Promise<number> {
  if (words[0] === "complete") return answerShell(words.slice(1), world);
  const help = helpFor(words, world);
  if (help !== undefined) {
    world.stdout.write(help);
    return exitCodes.done;
  }
  const { command = commandNamed("build", commands), rest } = arrange(words, commands);
  return inSession(command, parseCall(command, rest, world));
}

/** The session costs nothing before a command asks it for something. */
async function inSession(command: Command, call: ParsedCall): Promise<number> {
  let session: Session | undefined;
  try {
    return await command.run({
      ...call,
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
  complete(words[0] === "--" ? words.slice(1) : words, commands, world);
  return exitCodes.done;
}

/** What `--help`, `help` and `--version` print, or undefined where the line asks for something else. */
function helpFor(words: readonly string[], world: World): string | undefined {
  const options = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  if ((options.includes("--version") && !takesVersion(options)) || options.includes("-V"))
    return `image-builder ${version}\n`;
  if (words[0] === "help")
    return helpText(words[1] === undefined ? undefined : commandNamed(words[1], commands), world);
  if (!options.includes("--help") && !options.includes("-h")) return undefined;
  const { command } = arrange(
    options.filter((word) => word !== "--help" && word !== "-h"),
    commands,
  );
  return helpText(command, world);
}

/** `new … --version 2.0` means that of an image. */
const takesVersion = (words: readonly string[]): boolean =>
  commands.some((each) => words.includes(each.name) && each.options.some(({ name }) => name === "version"));

const helpText = (command: Command | undefined, world: World): string =>
  command === undefined ? overview(commands) : helpOf(command, Math.min(world.stdout.columns ?? 100, 120));

/** What was thrown on the way down is only worth a word where a stage worded it; main.ts turns the signal into the exit code. */
function interrupted(cause: unknown, words: readonly string[], world: World): number {
  const known = cause instanceof FailedError || cause instanceof RefusedError;
  const problems = known
    ? cause.diagnostics
    : [error("interrupted", "stopped before it was done; running it again continues")];
  return reportProblems(problems, exitCodes.failed, words, world);
}
