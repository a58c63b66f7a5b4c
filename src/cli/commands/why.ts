import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { planOptions } from "../plan-options.ts";
import { warn, writeJson } from "../report.ts";

export const why: Command = {
  name: "why",
  summary: "Say why an image is planned, or which rule keeps it out",
  arguments: [
    {
      name: "IMAGE",
      description: "an image-version (nist-basic:1.0), an image, a target or a directory",
      required: true,
      values: "images",
    },
  ],
  options: [insecureOption],
  formats: ["text", "json"],
  examples: [
    { line: "why nist-basic:1.0", says: "the chain from the changed file to the image" },
    { line: "why --since origin/main science/nist-basic", says: "the same for a layer and a branch" },
  ],
  run: explainImage,
};

async function explainImage(call: Call): Promise<number> {
  const { explain, findRoot, preparePlan } = await import("../../run/prepare.ts");
  const { explanationText } = await import("../text/explanation.ts");
  const [image = ""] = call.arguments;
  const prepared = await preparePlan(planOptions(call, findRoot));
  warn(prepared.unread, call);
  const explanation = explain(prepared, image);
  if (call.values.text("format") === "json") writeJson({ formatVersion: 1, ...explanation }, call.world);
  else call.world.stdout.write(explanationText(explanation));
  return prepared.unread.length > 0 ? exitCodes.failed : exitCodes.done;
}
