import type { Verified } from "../../run/verify.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption, usersImages } from "../common-options.ts";
import { imageNames } from "../image-names.ts";
import { warn, writeJson } from "../report.ts";
import { pathOf } from "../session-options.ts";
import { styleFor } from "../style.ts";

export const verify: Command = {
  name: "verify",
  summary: "Prove that the science part of published images is untouched",
  description:
    "Gives four answers for each image: whether it is what its labels say, by the science image that they name and by git; whether what users " +
    "of that find in it leads to the same, as it was examined before it was published; whether its stable tag is at the newest build; and " +
    "whether a statement about it is signed. Reads manifests and configurations, never a layer. Exit code 1 unless all are untouched, not " +
    "known to lead elsewhere, at the newest build or rolled back and, with --key, signed with it.",
  arguments: [usersImages],
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
  const images = imageNames("verify", call);
  const run = await import("../../run/verify.ts");
  const { values, world } = call;
  const verified = await run.verify(call.session, {
    images,
    key: pathOf(values.text("key"), world),
  });
  warn(verified.warnings, call);
  return answer(verified, call);
}

async function answer({ verdicts, proven }: Verified, { values, world }: Call): Promise<number> {
  const { verdictsText, verdictsDocument } = await import("../text/verdicts.ts");
  const style = styleFor(values.text("color"), world.stdout, world.environment);
  if (values.text("format") === "json") writeJson(verdictsDocument(verdicts), world);
  else world.stdout.write(verdictsText(verdicts, style, values.count("verbose")));
  return proven ? exitCodes.done : exitCodes.failed;
}
