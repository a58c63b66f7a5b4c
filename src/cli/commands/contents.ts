import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { imageNames } from "../image-names.ts";
import { codeFor, warn, writeJson } from "../report.ts";
import { styleFor } from "../style.ts";
import { usageError } from "../usage.ts";

export const contents: Command = {
  name: "contents",
  summary: "List what is inside of an image, without running it",
  description:
    "Reads the layers of an image once and keeps what they say: packages of dpkg, RPM, apk, conda, Python, R, npm and Julia with the layer that " +
    "brought each, and what pip lists in every Python. Exit code 1 when a layer or a record of packages cannot be read; the rest is listed.",
  arguments: [
    {
      name: "IMAGE",
      description: "an image-version (nist-basic:1.0), a unique tag, sci/TARGET:VERSION, or a reference in full",
      required: false,
      values: ["versions", "singles"],
    },
  ],
  options: [
    {
      name: "attach",
      kind: "flag",
      lineOnly: true,
      description: "attach what is known of the layers to the image, so that other machines need not read them",
    },
    {
      name: "all",
      kind: "flag",
      lineOnly: true,
      description: "with --attach: every science image and every stable tag of the catalogue",
    },
    {
      name: "resolves",
      kind: "flag",
      description:
        "also what commands, Python modules, R packages and libraries lead to at each door: sh -c, a login shell, each kernel, each Python, R",
    },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "contents nist-basic:1.0", says: "what users get today" },
    {
      line: "contents docker.io/library/debian:bookworm-slim --format json",
      says: "any image of any registry, with licence, size and origin of each package",
    },
    {
      line: "contents nist-basic:1.0 --resolves -v",
      says: "and the file behind every command, module, R package and library",
    },
    { line: "contents --attach --all", says: "for what was published before: a layer is read once, wherever" },
  ],
  run: showOrAttach,
};

async function showOrAttach(call: Call): Promise<number> {
  const { values } = call;
  if (values.flag("attach")) return attach(call);
  if (values.flag("all"))
    throw usageError("--all stands without --attach", "write image-builder contents --attach --all");
  if (call.arguments.length === 0)
    throw usageError('"image-builder contents" needs an image', "write image-builder contents IMAGE:VERSION");
  return showContents(call);
}

async function attach(call: Call): Promise<number> {
  const names = imageNames("contents --attach", call);
  const run = await import("../../run/attach-contents.ts");
  const { attachedDocument, attachedText } = await import("../text/contents.ts");
  const { values, world } = call;
  const { images, problems } = await run.attachContents(call.session, names);
  warn([...problems, ...images.flatMap((each) => each.problems)], call);
  if (values.text("format") === "json") writeJson(attachedDocument(images), world);
  else world.stdout.write(attachedText(images, styleFor(values.text("color"), world.stdout, world.environment)));
  const failed = problems.length > 0 || images.some(({ state }) => state === "failed");
  return failed ? exitCodes.failed : exitCodes.done;
}

async function showContents(call: Call): Promise<number> {
  const run = await import("../../run/contents.ts");
  const { contentsDocument, contentsText } = await import("../text/contents.ts");
  const { values, world } = call;
  const answer = await run.contents(call.session, call.arguments[0] ?? "", { resolves: values.flag("resolves") });
  warn(answer.problems, call);
  if (values.text("format") === "json") writeJson(contentsDocument(answer), world);
  else
    world.stdout.write(
      contentsText(answer, styleFor(values.text("color"), world.stdout, world.environment), values.count("verbose")),
    );
  return codeFor(answer.problems);
}
