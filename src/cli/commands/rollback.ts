import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { RollbackPlan } from "../../publish/rollback.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { warn, writeJson } from "../report.ts";

export const rollback: Command = {
  name: "rollback",
  summary: "Point stable tags back to what they were before a run, or to an earlier build",
  description:
    "Moves tags and builds nothing. RUN is the name of a run of this clone, as its logs have it; it goes back as a whole, but for " +
    "image-versions that were moved since.",
  arguments: [
    {
      name: "RUN|IMAGE:VERSION",
      description: "a run that published from this clone, or one image-version",
      required: true,
      values: ["versions", "runs"],
    },
  ],
  options: [
    {
      name: "to",
      kind: "text",
      lineOnly: true,
      value: "TAG",
      description: "unique tag to go back to; before the last run when absent",
    },
    {
      name: "dryrun",
      short: "n",
      aliases: ["dry-run"],
      kind: "flag",
      description: "show the moves and do nothing (also --dry-run)",
    },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "rollback nist-basic:1.0 --dryrun", says: "where the tags would point" },
    { line: "rollback nist-basic:1.0 --to 1.0-41-1b2c3d4", says: "back to a build by its unique tag" },
    { line: "rollback 20260131T093001Z-42-f90dbd6", says: "undo what a run moved" },
  ],
  run: rollBack,
};

async function rollBack(call: Call): Promise<number> {
  const run = await import("../../run/rollback.ts");
  const planOnly = call.values.flag("dryrun") ?? false;
  const [what = ""] = call.arguments;
  const plan = await run.rollback(call.session, { what, to: call.values.text("to"), planOnly });
  warn(plan.warnings, call);
  return answer(plan, plan.units.length > 0 && !planOnly, call);
}

function answer(plan: RollbackPlan, isDone: boolean, { values, world }: Call): number {
  const warnings = plan.warnings.map(diagnosticDocument);
  if (values.text("format") === "json") writeJson({ ...plan, warnings, moved: isDone }, world);
  else world.stdout.write(moveLines(plan));
  if (!values.flag("quiet")) world.stderr.write(closing(plan, isDone));
  return exitCodes.done;
}

/** `REFERENCE: DIGEST => DIGEST`, users' images first. */
const moveLines = ({ units }: RollbackPlan): string =>
  units
    .flatMap(({ moves }) => moves.map(({ reference, from, to }) => `${reference}: ${from ?? "nothing"} => ${to}\n`))
    .join("");

function closing({ units, what }: RollbackPlan, isDone: boolean): string {
  if (units.length === 0) return `nothing is to be moved: the tags of ${what} point there already\n`;
  const count = units.reduce((sum, { moves }) => sum + moves.length, 0);
  const tags = `${count} stable ${count === 1 ? "tag" : "tags"}`;
  return isDone
    ? `${tags} moved back; the next build of these images moves them forward again\n`
    : `${tags} would be moved; nothing was done\n`;
}
