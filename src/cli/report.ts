import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import { printable } from "../diagnostics/printable.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { diagnosticDocument } from "../diagnostics/render-json.ts";
import { plainStyle } from "../diagnostics/style.ts";
import type { Planned } from "../run/plan.ts";
import { type Call, exitCodes } from "./command.ts";
import { type CommandLine, lastSaid } from "./line.ts";
import { styleFor } from "./style.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** Problems on stderr; on stdout the one JSON document that a caller of `--format json` waits for. Returns the exit code. */
export function reportProblems(
  problems: readonly Diagnostic[],
  exitCode: number,
  line: CommandLine,
  world: World,
): number {
  world.stderr.write(renderDiagnostics(problems, styleOf(line, world)));
  if (wantsJson(line, world))
    writeJson({ formatVersion: 1, exitCode, problems: problems.map(diagnosticDocument) }, world);
  return exitCode;
}

/** Warnings on stderr, before the answer. */
export function warn(warnings: readonly Diagnostic[], { values, world }: Call): void {
  if (warnings.length > 0)
    world.stderr.write(renderDiagnostics(warnings, styleFor(values.text("color"), world.stderr, world.environment)));
}

/** For answers that something is missing from: whether asking again may do is what the exit code says (B33). */
export function codeFor(problems: readonly Diagnostic[]): number {
  if (problems.length === 0) return exitCodes.done;
  return isInfrastructure(problems) ? exitCodes.unavailable : exitCodes.failed;
}

/** What surprises in a plan: that everything is in it, or nothing (B11). */
export function remark({ changes, plan, options }: Planned, { values, world }: Call): void {
  if (values.flag("quiet")) return;
  const { since } = changes;
  if (since.kind === "nothing-to-compare") world.stderr.write(`everything is planned: ${since.why}\n`);
  if (plan.builds.length > 0) return;
  const selected = (options.include ?? []).length + (options.ignore ?? []).length > 0;
  const why = selected
    ? " with this --include and --ignore"
    : since.kind === "git"
      ? `: no definition changed in ${since.range}`
      : "";
  world.stderr.write(
    `nothing is to be built${why}; --since REF compares with another commit, --since all plans everything\n`,
  );
}

/** What no stage expected: a mistake of this program, not of its user. */
export function reportBug(error: unknown, line: CommandLine, world: World): number {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = world.environment.IMAGE_BUILDER_DEBUG && error instanceof Error ? `${error.stack}\n` : "";
  const diagnostic: Diagnostic = {
    severity: "error",
    code: "bug",
    message: "image-builder made a mistake of its own; the catalogue is not to blame",
    notes: [{ message: printable(text) }, { message: `image-builder ${version}, Node.js ${process.version}` }],
    help: "run it again with IMAGE_BUILDER_DEBUG=1 and report what it prints to the maintainers of image-builder",
  };
  world.stderr.write(stack);
  return reportProblems([diagnostic], exitCodes.bug, line, world);
}

export const writeJson = (document: object, world: World): void =>
  world.stdout.write(`${JSON.stringify(document, null, 2)}\n`);

/** Read from the line itself, since that may be the problem. */
const wantsJson = (line: CommandLine, world: World): boolean =>
  (lastSaid(line, "format") ?? world.environment.IMAGE_BUILDER_FORMAT) === "json";

const styleOf = (line: CommandLine, world: World): typeof plainStyle =>
  styleFor(lastSaid(line, "color") ?? world.environment.IMAGE_BUILDER_COLOR, world.stderr, world.environment);
