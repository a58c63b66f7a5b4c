import type { Call, Command } from "../command.ts";
import { insecureOption, refreshOption } from "../common-options.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { planRequest } from "../session-options.ts";

export const why: Command = {
  name: "why",
  summary: "Say why an image is planned, or which rule keeps it out",
  arguments: [
    {
      name: "IMAGE",
      description: "an image-version (nist-basic:1.0), an image, a target or a directory",
      required: true,
      values: ["images", "versions", "targets"],
    },
  ],
  options: [refreshOption, insecureOption],
  formats: ["text", "json"],
  examples: [
    { line: "why nist-basic:1.0", says: "the chain from the changed file to the image" },
    { line: "why --since origin/main science/nist-basic", says: "the same for a layer and a branch" },
  ],
  run: explainImage,
};

async function explainImage(call: Call): Promise<number> {
  const run = await import("../../run/why.ts");
  const { explanationText } = await import("../text/explanation.ts");
  const { explanation, unread } = await run.why(call.session, call.arguments[0] ?? "", planRequest(call));
  warn(unread, call);
  if (call.values.text("format") === "json") writeJson({ formatVersion: 1, ...explanation }, call.world);
  else call.world.stdout.write(explanationText(explanation));
  return codeFor(unread);
}
