import { resolve } from "node:path";
import { RefusedError } from "../../diagnostics/failure.ts";
import type { ImageVerdict } from "../../trust/model.ts";
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
      values: "images",
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
  const { withRegistries } = await import("../../lineage/index.ts");
  const key = await keyFor(call);
  const { catalogue, history } = await catalogueFor(call);
  warn(history.warnings, call);
  const insecure = [...catalogue.settings.insecure, ...values.list("insecure")];
  const verdicts = await withRegistries(
    catalogue,
    world.signal,
    async (registries) => {
      const all = values.flag("all");
      const subjects = all ? await allSubjects(catalogue, registries) : namedSubjects(call.arguments, catalogue);
      return verifyImages(subjects, { catalogue, registries, git: history.there, key });
    },
    { insecure, environment: world.environment },
  );
  return answer(verdicts, call);
}

function checkNames({ values, arguments: names }: Call): void {
  const all = values.flag("all") ?? false;
  if (all && names.length > 0) throw usageError("--all stands beside the name of an image", "leave one of them out");
  if (!all && names.length === 0) {
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
async function catalogueFor(call: Call) {
  const { checkCatalogue, findRoot } = await import("../../run.ts");
  const { historyOf, nowhere } = await import("../../trust/history.ts");
  try {
    const { catalogue } = await checkCatalogue(planOptions(call, findRoot));
    return { catalogue, history: await historyOf(catalogue.root) };
  } catch (failure) {
    const far = call.arguments.length > 0 && call.arguments.every((name) => name.split("/").length > 2);
    if (!far || !isNoCatalogue(failure)) throw failure;
    return { catalogue: nowhere, history: await historyOf(undefined) };
  }
}

const isNoCatalogue = (failure: unknown): boolean =>
  failure instanceof RefusedError && failure.diagnostics.some(({ code }) => code === "no-catalogue");

async function answer(verdicts: readonly ImageVerdict[], { values, world }: Call): Promise<number> {
  const { verdictsText, verdictsDocument } = await import("../text/verdicts.ts");
  const style = styleFor(values.text("color"), world.stdout, world.environment);
  if (values.text("format") === "json") writeJson(verdictsDocument(verdicts), world);
  else world.stdout.write(verdictsText(verdicts, style, values.count("verbose")));
  return verdicts.every(({ verdict }) => verdict === "untouched") ? exitCodes.done : exitCodes.failed;
}
