import type { SignedImage } from "../../run/sign.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption, usersImages } from "../common-options.ts";
import { imageNames } from "../image-names.ts";
import { warn, writeJson } from "../report.ts";
import { pathOf } from "../session-options.ts";
import { styleFor } from "../style.ts";
import { usageError } from "../usage.ts";

export const sign: Command = {
  name: "sign",
  summary: "Sign images that are published already",
  description:
    "Attaches to each image the signed statement that its science part is untouched, as a publish with --key does. Reads the registry " +
    "alone: nothing is checked out, built or moved. Exit code 1 when an image is not signed, because it contradicts its labels or cannot be read.",
  arguments: [usersImages],
  options: [
    {
      name: "all",
      kind: "flag",
      description: "sign every image-version of the catalogue and every stable tag beside them",
    },
    { name: "key", kind: "text", value: "FILE", values: "files", description: "private key to sign with (PEM)" },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "sign nist-basic:1.0 --key key.pem", says: "what users get today" },
    { line: "sign nist-basic:1.0-42-f90dbd6 --key key.pem", says: "one build" },
    { line: "sign --all --key key.pem", says: "everything that can be pulled; what has this signature keeps it" },
  ],
  run: signPublished,
};

async function signPublished(call: Call): Promise<number> {
  const images = imageNames("sign", call);
  const { values, world } = call;
  const key = pathOf(values.text("key"), world);
  if (key === undefined) throw usageError("there is no key to sign with", "write --key FILE");
  const run = await import("../../run/sign.ts");
  const signed = await run.sign(call.session, { images, key });
  warn(signed.warnings, call);
  return answer(signed.images, call);
}

async function answer(images: readonly SignedImage[], { values, world }: Call): Promise<number> {
  const { signedText, signedDocument } = await import("../text/signed.ts");
  const style = styleFor(values.text("color"), world.stdout, world.environment);
  if (values.text("format") === "json") writeJson(signedDocument(images), world);
  else world.stdout.write(signedText(images, style));
  return images.every(({ signed }) => signed) ? exitCodes.done : exitCodes.failed;
}
