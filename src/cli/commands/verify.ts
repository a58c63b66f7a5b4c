import { resolve } from "node:path";
import type { Catalogue } from "../../catalogue/model.ts";
import type { VerifyOptions } from "../../trust/verify.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { planOptions } from "../plan-options.ts";
import { warn, writeJson } from "../report.ts";
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
    },
  ],
  options: [
    { name: "all", kind: "flag", description: "verify every image-version of the catalogue and every stable tag beside them" },
    {
      name: "key",
      kind: "text",
      value: "FILE",
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
  const { values, world } = call;
  checkNames(call);
  const { allSubjects, namedSubjects } = await import("../../trust/subjects.ts");
  const { verifyImages } = await import("../../trust/verify.ts");
  const { catalogue, git } = await catalogueFor(call);
  const { createRegistries } = await import("../../registry/registries.ts");
  const insecure = [...catalogue.settings.insecure, ...values.list("insecure")];
  const registries = createRegistries({ insecure, environment: world.environment, signal: world.signal });
  try {
    const key = await keyFor(call);
    const subjects = values.flag("all")
      ? await allSubjects(catalogue, registries)
      : namedSubjects(call.arguments, catalogue);
    const options: VerifyOptions = { catalogue, registries, git, key };
    return await answer(await verifyImages(subjects, options), call);
  } finally {
    await registries.close();
  }
}

function checkNames({ values, arguments: names }: Call): void {
  if (values.flag("all") && names.length > 0) throw usageError("--all stands beside the name of an image", "leave one of them out");
  if (!values.flag("all") && names.length === 0) {
    throw usageError('"image-builder verify" needs an image', "write image-builder verify IMAGE:VERSION, or --all");
  }
}

async function keyFor({ values, world }: Call) {
  const file = values.text("key");
  if (file === undefined) return undefined;
  const { readVerifyingKey } = await import("../../trust/keys.ts");
  return readVerifyingKey(resolve(world.directory, file));
}

/** Whole references can be verified from anywhere, then without git. */
async function catalogueFor(call: Call): Promise<{ catalogue: Catalogue; git: boolean }> {
  const { checkCatalogue, findRoot } = await import("../../run.ts");
  const { isWholeReference, nowhere } = await import("../../trust/subjects.ts");
  const { hasHistory } = await import("../../trust/git-objects.ts");
  const far = !call.values.flag("all") && call.arguments.every(isWholeReference);
  try {
    const { catalogue } = await checkCatalogue(planOptions(call, findRoot));
    return { catalogue, git: await withoutGit(catalogue.root, hasHistory, call) };
  } catch (failure) {
    const { isNoCatalogue } = await import("../../trust/subjects.ts");
    if (!far || !isNoCatalogue(failure)) throw failure;
    return { catalogue: nowhere, git: false };
  }
}
