import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { Catalogue } from "../../catalogue/model.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { RefusedError } from "../../diagnostics/failure.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import { checkCatalogue, findRoot } from "../../run.ts";
import { scaffoldCompat } from "../../scaffold/compat.ts";
import { changeInPlace } from "../../scaffold/in-place.ts";
import { wrongBase, wrongName, wrongVersion } from "../../scaffold/missing.ts";
import type { Scaffold } from "../../scaffold/model.ts";
import { scaffoldScience } from "../../scaffold/science.ts";
import { writeScaffold } from "../../scaffold/write.ts";
import { type Call, exitCodes } from "../command.ts";
import { warn, writeJson } from "../report.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";
import { askMissing } from "./ask.ts";

/** Makes the files, writes them, checks the catalogue with them in it, and says what comes next. */
export async function makeNew(call: Call): Promise<number> {
  const { values, world } = call;
  const root = rootFor(values.text("root"), world);
  const scaffold = await scaffoldFor(call, loadCatalogue(root));
  writeScaffold(root, scaffold);
  const { diagnostics } = await checkCatalogue({ root });
  const problems = [...scaffold.warnings, ...diagnostics];
  if (values.text("format") === "json") {
    const { directory, files, says } = scaffold;
    const written = files.map(({ path, is }) => ({ path, is }));
    writeJson({ formatVersion: 1, directory, files: written, says, problems: problems.map(diagnosticDocument) }, world);
  } else {
    world.stdout.write(answer(scaffold, problems));
  }
  warn(problems, call);
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.done;
}

/** The first layer makes a catalogue of the folder one stands in. */
function rootFor(root: string | undefined, { directory }: World): string {
  if (root !== undefined) {
    const folder = resolve(directory, root);
    if (!existsSync(folder)) throw usageError(`--root names ${folder}, which is no folder`, `mkdir -p ${folder}`);
    return folder;
  }
  try {
    return findRoot(directory);
  } catch (failure) {
    if (failure instanceof RefusedError) return directory;
    throw failure;
  }
}

async function scaffoldFor(call: Call, catalogue: Catalogue): Promise<Scaffold> {
  const { arguments: words, values } = call;
  const [kind = "", path = ""] = words;
  if (kind !== "science" && kind !== "compat") {
    throw usageError(`there is no kind of layer "${kind}"`, "write image-builder new science NAME, or new compat NAME");
  }
  const name = path.replace(new RegExp(`^${kind}/`), "").replace(/\/$/, "");
  checkLine(call, kind, name);
  const description = values.text("description");
  if (kind === "compat") return scaffoldCompat(catalogue, { name, description, includes: includesOf(call) });
  if (values.flag("in-place")) {
    return changeInPlace(catalogue, { name, version: values.text("version"), retire: values.flag("retire") ?? false });
  }
  const text = (option: string) => values.text(option);
  const request = {
    name,
    description,
    from: text("from"),
    base: text("base"),
    image: text("image"),
    version: text("version"),
    compat: text("compat"),
  };
  return scaffoldScience(catalogue, await askMissing(request, catalogue, call.world));
}

/** The key is called `includes`, the option of other commands `--include`: who mixes them up means the same. */
const includesOf = ({ values }: Call): string[] =>
  [...values.list("includes"), ...values.list("include")].map((each) => each.replace(/^compat\//, ""));

const optionsOf = {
  science: ["from", "base", "version", "image", "compat", "description"],
  compat: ["description"],
  "in-place": ["version"],
} as const;

/** Everything that can be said of the line before the catalogue is looked at. */
function checkLine({ values }: Call, kind: "science" | "compat", name: string): void {
  const way = kind === "science" && values.flag("in-place") ? "in-place" : kind;
  const stray = optionsOf.science.find(
    (each) => values.text(each) !== undefined && !optionsOf[way].some((own) => own === each),
  );
  if (stray)
    throw usageError(
      `--${stray} says nothing to ${way === "in-place" ? "--in-place" : "a compat layer"}`,
      `leave --${stray} out`,
    );
  if (way !== "in-place" && values.flag("retire"))
    throw usageError("--retire belongs to --in-place", "leave --retire out");
  if (kind === "compat" && values.flag("in-place"))
    throw usageError("compat layers have no version to change", "edit the layer's files");
  const { from, base } = { from: values.text("from"), base: values.text("base") };
  if (from !== undefined && base !== undefined)
    throw usageError("--from and --base name two images to start from", "leave one of them out");
  refuse(`the name ${JSON.stringify(name)}`, wrongName(name));
  refuse(`--version ${JSON.stringify(values.text("version"))}`, values.text("version"), wrongVersion);
  refuse(`--image ${JSON.stringify(values.text("image"))}`, values.text("image"), wrongName);
  refuse(`--compat ${JSON.stringify(values.text("compat"))}`, values.text("compat"), wrongName);
  refuse(`--base ${JSON.stringify(base)}`, base, wrongBase);
}

function refuse(
  what: string,
  value: string | undefined,
  wrong: (value: string) => string | undefined = (says) => says,
): void {
  const says = value === undefined ? undefined : wrong(value);
  if (says !== undefined)
    throw usageError(`${what} cannot be used: ${says}`, "write image-builder new --help for examples");
}

function answer({ directory, files, says }: Scaffold, problems: readonly Diagnostic[]): string {
  const written = files.map(({ path, is }) => `${is} ${path}`);
  const commit = `git add ${directory} && git commit`;
  const steps = [
    ...(files.some(({ is }) => is === "edited") ? [] : [`edit ${directory}/Dockerfile`]),
    ...(problems.length > 0 ? ["image-builder check"] : []),
    ...(files.length > 0 ? [`image-builder plan --include ${directory} --untracked`, commit] : [commit]),
  ];
  return `${[...written, ...says, "", "next:", ...steps.map((each) => `  ${each}`)].join("\n")}\n`;
}
