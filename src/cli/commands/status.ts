import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { styleFor } from "../style.ts";

export const status: Command = {
  name: "status",
  summary: "Show what is published and what is out of date",
  description:
    "Asks the registry for every image-version, without pulling one, and holds the labels against today's definitions. " +
    "Exit code 0 unless the registry does not answer or an image cannot be read.",
  arguments: [],
  options: [
    {
      name: "exit-code",
      kind: "flag",
      lineOnly: true,
      description: "exit with 1 when something is out of date or not published",
    },
    {
      name: "bases",
      kind: "flag",
      lineOnly: true,
      description: "which bases of others have moved since the science images were built",
    },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "status", says: "every image-version with its state, time, commit and digest" },
    { line: "status --exit-code -q", says: "for a nightly check" },
    { line: "status --bases", says: "whether debian:bookworm-slim is still what it was" },
  ],
  run: showStatus,
};

async function showStatus(call: Call): Promise<number> {
  const { values, world, session } = call;
  if (values.flag("bases")) return showBases(call);
  const run = await import("../../run/status.ts");
  const { statusDocument, statusText } = await import("../text/status.ts");
  const found = await run.status(session);
  warn([...found.problems, ...found.copyProblems], call);
  if (values.text("format") === "json") writeJson(statusDocument(found, found.catalogue, found.changes), world);
  else {
    const style = styleFor(values.text("color"), world.stdout, world.environment);
    world.stdout.write(statusText(found.statuses, style, values.count("verbose")));
  }
  const late = values.flag("exit-code") && found.isLate;
  return late ? exitCodes.failed : codeFor([...found.problems, ...found.copyProblems]);
}

/** With `--exit-code` a base that has moved counts as out of date. */
async function showBases(call: Call): Promise<number> {
  const run = await import("../../run/bases.ts");
  const { basesDocument, basesText } = await import("../text/bases.ts");
  const { values, world } = call;
  const found = await run.bases(call.session);
  warn(found.problems, call);
  if (values.text("format") === "json") writeJson(basesDocument(found), world);
  else world.stdout.write(basesText(found.bases, styleFor(values.text("color"), world.stdout, world.environment)));
  const moved = values.flag("exit-code") && found.bases.some(({ state }) => state === "moved");
  return moved ? exitCodes.failed : codeFor(found.problems);
}
