import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { registryOptions } from "../registry-options.ts";
import { warn, writeJson } from "../report.ts";
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
  const { findRoot, loadWorld } = await import("../../run/prepare.ts");
  const { imagesFrom, surveyStatus, withRegistries } = await import("../../lineage/index.ts");
  const { imagesText } = await import("../text/images.ts");
  const { values, world } = call;
  const { signal, environment } = world;
  const { catalogue, changes } = await loadWorld(registryOptions(call, findRoot));
  const ask = (registries: Parameters<Parameters<typeof withRegistries>[2]>[0]) =>
    surveyStatus({ catalogue, changes, registries, signal });
  const { statuses, problems } = await withRegistries(catalogue, signal, ask, { environment });
  warn(problems, call);
  const document = imagesFrom(statuses, catalogue.settings.repo, problems.length === 0);
  if (values.text("format") === "json") writeJson(document, world);
  else world.stdout.write(imagesText(document, styleFor(values.text("color"), world.stdout, environment)));
  return problems.length > 0 ? exitCodes.failed : exitCodes.done;
}
