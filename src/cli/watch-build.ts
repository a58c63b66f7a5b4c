import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import { printableLine } from "../diagnostics/printable.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import type { BuildRequest, BuildWatch, Outcome } from "../run/model.ts";
import { type Call, exitCodes } from "./command.ts";
import { exitCodeOfCopies } from "./copies.ts";
import { progressFor } from "./progress/index.ts";
import type { Progress } from "./progress/progress.ts";
import { writeJson } from "./report.ts";
import { styleFor } from "./style.ts";
import { closingText, outcomeDocument, outcomeText } from "./text/outcome.ts";
import { summaryText } from "./text/summary.ts";

/** Progress of a build on stderr. Close it before anything else is written there. */
export function watchBuild(call: Call, planned: NonNullable<BuildWatch["planned"]>): WatchedBuild {
  const { values, world } = call;
  const style = styleFor(values.text("color"), world.stderr, world.environment);
  const progress = progressFor(call);
  let run: BegunRun | undefined;
  return {
    ...progress,
    planned,
    began: (begun) => void (run = begun),
    run: () => run,
    warned: (warnings) => progress.note(renderDiagnostics(warnings, style)),
  };
}

type BegunRun = Pick<Outcome, "run" | "logs">;

interface WatchedBuild extends BuildWatch, Pick<Progress, "close"> {
  /** What began; undefined for what was refused before. */
  run(): BegunRun | undefined;
}

/** Behind everything else, also of a run that failed: by this name it is rolled back, and there is what it said. */
export function tellRun(begun: BegunRun | undefined, { values, world }: Call): void {
  if (begun === undefined || values.flag("quiet")) return;
  world.stderr.write(`run ${begun.run}, logs in ${printableLine(begun.logs)}\n`);
}

/** The summary is on stderr, the references on stdout. Returns the exit code. */
export function answerBuild(
  outcome: Outcome,
  destination: Pick<BuildRequest, "push" | "output">,
  { values, world }: Call,
): number {
  const style = styleFor(values.text("color"), world.stderr, world.environment);
  if (!values.flag("quiet"))
    world.stderr.write(summaryText(outcome.results, style) + closingText(outcome, destination));
  if (values.text("format") === "json") writeJson(outcomeDocument(outcome), world);
  else world.stdout.write(outcomeText(outcome, destination));
  return exitCodeOf(outcome);
}

/** What depends on a failed build is not to blame. */
function exitCodeOf({ results, copies }: Outcome): number {
  if (results.every(({ outcome: how }) => how === "done" || how === "present")) return exitCodeOfCopies(copies);
  const failed = results.filter(({ outcome: how }) => how === "failed");
  const isOutside = failed.length > 0 && failed.every((each) => "problems" in each && isInfrastructure(each.problems));
  return isOutside ? exitCodes.unavailable : exitCodes.failed;
}
