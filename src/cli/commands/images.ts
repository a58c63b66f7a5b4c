import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { planOptions } from "../plan-options.ts";

export const images: Command = {
  name: "images",
  summary: "List what users can pull",
  arguments: [],
  options: [insecureOption],
  formats: ["text", "json"],
  examples: [{ line: "images --format json", says: "image-version, reference, digest and time of each" }],
  run: listImages,
};

async function listImages(call: Call): Promise<number> {
  const { checkCatalogue, findRoot } = await import("../../run.ts");
  await checkCatalogue(planOptions(call, findRoot));
  return exitCodes.done;
}
