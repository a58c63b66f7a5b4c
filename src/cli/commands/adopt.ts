import type { AdoptedImage } from "../../catalogue/model.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { writeJson } from "../report.ts";

export const adopt: Command = {
  name: "adopt",
  summary: "Give an orphan interface updates although its definition is gone",
  description:
    "Records the digest of its science image and its compat layer in image-builder.json, to be committed. From then on it is built " +
    'when its compat stack changes. "retires" in a definition ends it, or --undo.',
  arguments: [
    {
      name: "IMAGE:VERSION",
      description: "an image-version that the registry has",
      required: true,
      values: ["orphans"],
      valuesWith: { option: "undo", values: ["adopted"] },
    },
  ],
  options: [
    {
      name: "compat",
      kind: "text",
      lineOnly: true,
      value: "NAME",
      values: "compat",
      description: "compat layer for its updates (default: what it was built with)",
    },
    { name: "undo", kind: "flag", lineOnly: true, description: "end the adoption" },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "adopt nist-basic:1.0", says: "after its definition was changed in place to 1.1" },
    { line: "adopt --undo nist-basic:1.0", says: "no more updates" },
  ],
  run: adoptOrphan,
};

async function adoptOrphan(call: Call): Promise<number> {
  const run = await import("../../run/adopt.ts");
  const { values } = call;
  const [image = ""] = call.arguments;
  const undo = values.flag("undo") ?? false;
  const entry = await run.adopt(call.session, { image, compat: values.text("compat"), undo });
  return answer(entry, undo ? "not adopted any more" : "adopted", call);
}

function answer(entry: AdoptedImage, state: string, { values, world }: Call): number {
  if (values.text("format") === "json")
    writeJson({ formatVersion: 1, file: "image-builder.json", state, entry }, world);
  else {
    const { image, version, target, science, compat } = entry;
    world.stdout.write(`${image} ${version} is ${state}: interface ${compat} on ${target}@${science}\n`);
    if (!values.flag("quiet")) world.stderr.write("commit image-builder.json, so that it counts everywhere\n");
  }
  return exitCodes.done;
}
