import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Hold } from "../../published/hold.ts";
import type { RolledBack } from "../../run/rollback.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption, lockOf, lockOption } from "../common-options.ts";
import { exitCodeOfCopies } from "../copies.ts";
import { warn, writeJson } from "../report.ts";
import { copiesText, copyDocument } from "../text/copies.ts";
import { usageError } from "../usage.ts";

export const rollback: Command = {
  name: "rollback",
  summary: "Point stable tags back to what they were before a run, or to an earlier build",
  description:
    "Moves tags and builds nothing. RUN is the name of a run of this clone, as its logs have it; it goes back as a whole, but for " +
    "image-versions that were moved since. What was rolled back stays there, in every clone, until its definition changes or " +
    "--release lets go of it.",
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
    {
      name: "release",
      kind: "flag",
      lineOnly: true,
      description: "let go of an image-version that was rolled back; moves no tag",
    },
    lockOption,
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "rollback nist-basic:1.0 --dryrun", says: "where the tags would point" },
    { line: "rollback nist-basic:1.0 --to 1.0-41-1b2c3d4", says: "back to a build by its unique tag" },
    { line: "rollback --release nist-basic:1.0", says: "the next build of it moves its tags again" },
    { line: "rollback 20260131T093001Z-42-f90dbd6", says: "undo what a run moved" },
  ],
  run: rollBack,
};

async function rollBack(call: Call): Promise<number> {
  const run = await import("../../run/rollback.ts");
  const planOnly = call.values.flag("dryrun") ?? false;
  const [what = ""] = call.arguments;
  if (call.values.flag("release")) {
    refuseWithRelease(call);
    return answerRelease(await run.release(call.session, what), call);
  }
  const asked = { what, to: call.values.text("to"), planOnly, lock: lockOf(call) };
  const plan = await run.rollback(call.session, asked, { warned: (warnings) => warn(warnings, call) });
  warn(plan.warnings, call);
  return answer(plan, plan.units.length > 0 && !planOnly, call);
}

function answer({ copies = [], ...plan }: RolledBack, isDone: boolean, call: Call): number {
  const { values, world } = call;
  const warnings = plan.warnings.map(diagnosticDocument);
  for (const { problems } of copies) warn(problems, call);
  const ofCopies = copies.length > 0 && { copies: copies.map(copyDocument) };
  if (values.text("format") === "json") writeJson({ ...plan, warnings, moved: isDone, ...ofCopies }, world);
  else world.stdout.write(moveLines(plan));
  if (!values.flag("quiet")) world.stderr.write(closing(plan, isDone) + copiesText(copies));
  return exitCodeOfCopies(copies);
}

function refuseWithRelease({ values }: Call): void {
  if (values.text("to") !== undefined)
    throw usageError("--release lets go of an image-version, and --to puts it somewhere", "leave one of them out");
  if (values.flag("dryrun"))
    throw usageError("--release moves no tag, so there is nothing to show beforehand", "leave --dryrun out");
}

function answerRelease(hold: Hold, { values, world }: Call): number {
  if (values.text("format") === "json") writeJson({ formatVersion: 1, hold }, world);
  else world.stdout.write(`${hold.image} is released\n`);
  if (!values.flag("quiet"))
    world.stderr.write("no tag was moved; image-builder --push --since published builds what is defined now\n");
  return exitCodes.done;
}

/** `REFERENCE: DIGEST => DIGEST`, users' images first. */
const moveLines = ({ units }: RolledBack): string =>
  units
    .flatMap(({ moves }) => moves.map(({ reference, from, to }) => `${reference}: ${from ?? "nothing"} => ${to}\n`))
    .join("");

function closing({ units, what }: RolledBack, isDone: boolean): string {
  if (units.length === 0) return `nothing is to be rolled back\n`;
  const count = units.reduce((sum, { moves }) => sum + moves.length, 0);
  const tags =
    count === 0 ? `the tags of ${what} point there already` : `${count} stable ${count === 1 ? "tag" : "tags"}`;
  if (!isDone) return count === 0 ? `${tags}; nothing was done\n` : `${tags} would be moved; nothing was done\n`;
  const moved = count === 0 ? tags : `${tags} moved back`;
  return `${moved}; they stay there until the definition changes, or image-builder rollback --release IMAGE:VERSION\n`;
}
