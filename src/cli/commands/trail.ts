import type { Call, Command } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { styleFor } from "../style.ts";

export const trail: Command = {
  name: "trail",
  summary: "Show what an image is made of, and what has changed since",
  description:
    "Reads the labels of an image, without pulling it: every part from the base to the interface, with commit, time and size, and " +
    "the commits and files that changed the part's definition since.",
  arguments: [
    {
      name: "IMAGE",
      description: "an image-version (nist-basic:1.0), a unique tag, sci/TARGET:VERSION, or a reference in full",
      required: true,
      values: ["versions", "singles"],
    },
  ],
  options: [insecureOption],
  formats: ["text", "json"],
  examples: [
    { line: "trail nist-basic:1.0", says: "what users get today" },
    { line: "trail nist-basic:1.0-42-f90dbd6", says: "what they got from that build" },
    { line: "trail registry.example.org/images/rel/nist-basic@sha256:…", says: "any image, by digest" },
  ],
  run: showTrail,
};

async function showTrail(call: Call): Promise<number> {
  const run = await import("../../run/trail.ts");
  const { trailDocument, trailText } = await import("../text/trail.ts");
  const { values, world } = call;
  const read = await run.trail(call.session, call.arguments[0] ?? "");
  warn(read.problems, call);
  if (values.text("format") === "json") writeJson(trailDocument(read), world);
  else {
    const style = styleFor(values.text("color"), world.stdout, world.environment);
    world.stdout.write(trailText(read.trail, style, values.count("verbose")));
  }
  return codeFor(read.problems);
}
