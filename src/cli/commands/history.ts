import type { Call, Command } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { styleFor } from "../style.ts";

export const history: Command = {
  name: "history",
  summary: "List every published build of an image, by age",
  description:
    "Reads labels, without pulling an image: each unique tag with when it was published, its commit, what changed against the build " +
    "before it, and whether the stable tag holds it, a rollback left it or it is withdrawn.",
  arguments: [
    {
      name: "IMAGE",
      description: "an image-version (nist-basic:1.0), or an image for all its versions",
      required: true,
      values: ["images", "versions"],
    },
  ],
  options: [insecureOption],
  formats: ["text", "json"],
  examples: [
    { line: "history nist-basic:1.0", says: "builds that rollback --to can name" },
    { line: "history nist-basic --format json", says: "all versions, for scripts" },
  ],
  run: showHistory,
};

async function showHistory(call: Call): Promise<number> {
  const run = await import("../../run/history.ts");
  const { historyDocument, historyText } = await import("../text/history.ts");
  const { values, world } = call;
  const read = await run.history(call.session, call.arguments[0] ?? "");
  warn(read.problems, call);
  if (values.text("format") === "json") writeJson(historyDocument(read), world);
  else world.stdout.write(historyText(read.histories, styleFor(values.text("color"), world.stdout, world.environment)));
  return codeFor(read.problems);
}
