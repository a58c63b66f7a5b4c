import { renderDiagnostics } from "../diagnostics/render.ts";
import type { Prepared } from "../run/prepare.ts";
import { execute } from "../run.ts";
import { type Call, exitCodes } from "./command.ts";
import { executeOptions } from "./execute-options.ts";
import { progressFor } from "./progress/index.ts";
import { writeJson } from "./report.ts";
import { styleFor } from "./style.ts";
import { closingText, outcomeDocument, outcomeText } from "./text/outcome.ts";
import { summaryText } from "./text/summary.ts";

/** Builds and publishes with progress on stderr and the references on stdout. Returns the exit code. */
export async function executePlan(prepared: Prepared, call: Call): Promise<number> {
  const { values, world } = call;
  const style = styleFor(values.text("color"), world.stderr, world.environment);
  const progress = progressFor(call);
  const options = executeOptions(call, prepared);
  try {
    const outcome = await execute(prepared, options, {
      events: progress,
      signal: world.signal,
      environment: world.environment,
      warn: (warnings) => progress.note(renderDiagnostics(warnings, style)),
    });
    progress.close();
    if (!values.flag("quiet")) world.stderr.write(summaryText(outcome.results, style) + closingText(outcome, options));
    if (values.text("format") === "json") writeJson(outcomeDocument(outcome), world);
    else world.stdout.write(outcomeText(outcome, options));
    const good = outcome.results.every(({ outcome: how }) => how === "done" || how === "present");
    return good ? exitCodes.done : exitCodes.failed;
  } finally {
    progress.close();
  }
}
