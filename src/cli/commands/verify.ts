import type { ImageVerdict } from "../../trust/model.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { warn, writeJson } from "../report.ts";
import { pathOf } from "../session-options.ts";
import { styleFor } from "../style.ts";
import { usageError } from "../usage.ts";

export const verify: Command = {
  name: "verify",
  summary: "Prove that the science part of published images is untouched",
  description:
    "Holds an image against the science image that its labels name, against its tags, against git and against what is attached to it. " +
    "Reads manifests and configurations, never a layer. Exit code 1 unless every image is proven.",
  arguments: [
    {
      name: "IMAGE",
      description: "an image (nist-basic), an image-version (nist-basic:1.0), or a whole reference below rel/",
      required: false,
      many: true,
      values: ["images", "versions"],
    },
  ],
  options: [
    {
      name: "all",
      kind: "flag",
      description: "verify every image-version of the catalogue and every stable tag beside them",
    },
    {
      name: "key",
      kind: "text",
      value: "FILE",
      values: "files",
      description: "public key or certificate (PEM); a statement about the image has to be signed with it",
    },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "verify nist-basic:1.0", says: "one image-version" },
    { line: "verify --all --key pub.pem", says: "everything that can be pulled, and who signed it" },
    { line: "verify registry.example.org/images/rel/nist-basic:1.0-42-f90dbd6", says: "one build, wherever it is" },
  ],
  run: verifyPublished,
};

async function verifyPublished(call: Call): Promise<number> {
  checkNames(call);
  const run = await import("../../run/verify.ts");
  const { values, world } = call;
  const { verdicts, warnings } = await run.verify(call.session, {
    images: values.flag("all") ? "all" : call.arguments,
    key: pathOf(values.text("key"), world),
  });
  warn(warnings, call);
  return answer(verdicts, call);
}

function checkNames({ values, arguments: names }: Call): void {
  const all = values.flag("all") ?? false;
  if (all && names.length > 0) throw usageError("--all stands beside the name of an image", "leave one of them out");
  if (!all && names.length === 0) {
    throw usageError('"image-builder verify" needs an image', "write image-builder verify IMAGE:VERSION, or --all");
  }
}

async function answer(verdicts: readonly ImageVerdict[], { values, world }: Call): Promise<number> {
  const { verdictsText, verdictsDocument } = await import("../text/verdicts.ts");
  const style = styleFor(values.text("color"), world.stdout, world.environment);
  if (values.text("format") === "json") writeJson(verdictsDocument(verdicts), world);
  else world.stdout.write(verdictsText(verdicts, style, values.count("verbose")));
  return verdicts.every(({ verdict }) => verdict === "untouched") ? exitCodes.done : exitCodes.failed;
}
