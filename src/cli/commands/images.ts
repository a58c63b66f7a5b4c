import type { Call, Command } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { styleFor } from "../style.ts";

export const images: Command = {
  name: "images",
  summary: "List what users can pull",
  description:
    "The file that a platform reads: image-version, stable reference, digest, time, description, and what is withdrawn. " +
    "schemas/images.schema.json describes the JSON.",
  arguments: [],
  options: [insecureOption],
  formats: ["text", "json"],
  examples: [
    { line: "images", says: "what there is, and since when" },
    { line: "images --format json > images.json", says: "image-version, reference, digest and time of each" },
  ],
  run: listImages,
};

async function listImages(call: Call): Promise<number> {
  const run = await import("../../run/images.ts");
  const { imagesText } = await import("../text/images.ts");
  const { values, world } = call;
  const { document, problems, copyProblems } = await run.images(call.session);
  warn([...problems, ...copyProblems], call);
  if (values.text("format") === "json") writeJson(document, world);
  else world.stdout.write(imagesText(document, styleFor(values.text("color"), world.stdout, world.environment)));
  return codeFor(problems);
}
