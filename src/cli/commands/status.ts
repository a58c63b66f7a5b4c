import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { registryOptions } from "../registry-options.ts";
import { warn, writeJson } from "../report.ts";
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
  if (call.values.flag("bases")) return (await import("../bases-answer.ts")).showBases(call);
  const { findRoot, loadWorld } = await import("../../run/prepare.ts");
  const { isOutOfDate, surveyStatus, withRegistries } = await import("../../lineage/index.ts");
  const { statusDocument, statusText } = await import("../text/status.ts");
  const { values, world } = call;
  const { signal, environment } = world;
  const { catalogue, changes } = await loadWorld(registryOptions(call, findRoot));
  const ask = (registries: Parameters<Parameters<typeof withRegistries>[2]>[0]) =>
    surveyStatus({ catalogue, changes, registries, signal });
  const survey = await withRegistries(catalogue, signal, ask, { environment });
  warn(survey.problems, call);
  if (values.text("format") === "json") writeJson(statusDocument(survey, catalogue, changes), world);
  else {
    const style = styleFor(values.text("color"), world.stdout, world.environment);
    world.stdout.write(statusText(survey.statuses, style, values.count("verbose")));
  }
  const late = values.flag("exit-code") && survey.statuses.some(isOutOfDate);
  return survey.problems.length > 0 || late ? exitCodes.failed : exitCodes.done;
}
