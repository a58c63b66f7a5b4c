import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import { type NewAnswer, type NewRequest, newLayer } from "../../run/new.ts";
import { type Call, exitCodes } from "../command.ts";
import { warn, writeJson } from "../report.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";

/** Makes the layer and says what comes next. */
export async function makeNew(call: Call): Promise<number> {
  const { values, world } = call;
  checkRoot(values.text("root"), world);
  const request = requestOf(call);
  const { prompt } = world;
  const planOnly = values.flag("dryrun") ?? false;
  const made = await newLayer(call.session, request, prompt && ((question) => ask(question, prompt, world)), {
    planOnly,
  });
  const { scaffold, diagnostics } = made;
  const problems = [...scaffold.warnings, ...diagnostics];
  if (values.text("format") === "json") {
    const { directory, files, copies = [], says } = scaffold;
    // Nobody can look at what was not written.
    const written = files.map(({ path, is, text }) => ({ path, is, ...(planOnly && { text }) }));
    const all = [...written, ...copies.map(({ path, from }) => ({ path, is: "copied", from }))];
    const said = { formatVersion: 1, directory, files: all, says, ...(planOnly && { written: false }) };
    writeJson({ ...said, problems: problems.map(diagnosticDocument) }, world);
  } else {
    world.stdout.write(answer(made));
  }
  warn(problems, call);
  return exitCodes.done;
}

function checkRoot(root: string | undefined, { directory }: World): void {
  const folder = root === undefined ? directory : resolve(directory, root);
  if (!existsSync(folder)) throw usageError(`--root names ${folder}, which is no folder`, `mkdir -p ${folder}`);
}

function requestOf(call: Call): NewRequest {
  const { arguments: words, values } = call;
  const [kind = "", path = ""] = words;
  if (kind !== "science" && kind !== "compat") {
    throw usageError(`there is no kind of layer "${kind}"`, "write image-builder new science NAME, or new compat NAME");
  }
  const name = path.replace(new RegExp(`^${kind}/`), "").replace(/\/$/, "");
  checkLine(call, kind);
  const text = (option: string) => values.text(option);
  const said = { name, description: text("description") };
  if (kind === "compat") return { kind, ...said, includes: includesOf(call) };
  if (values.flag("in-place"))
    return { kind: "in-place", name, version: text("version"), retire: values.flag("retire") ?? false };
  const folder = text("from-directory");
  if (folder !== undefined) {
    const [image, version, compat] = ["image", "version", "compat"].map(text);
    return {
      kind: "from-directory",
      fromDirectory: resolve(call.world.directory, folder),
      ...said,
      image,
      version,
      compat,
    };
  }
  const [from, base, image, version, compat] = ["from", "base", "image", "version", "compat"].map(text);
  return { kind, ...said, from, base, image, version, compat };
}

/** The key is called `includes`, the option of other commands `--include`: who mixes them up means the same. */
const includesOf = ({ values }: Call): string[] =>
  [...values.list("includes"), ...values.list("include")].map((each) => each.replace(/^compat\//, ""));

const optionsOf = {
  science: ["from", "base", "version", "image", "compat", "description"],
  compat: ["description"],
  "in-place": ["version"],
} as const;

/** Which options go together. */
function checkLine({ values }: Call, kind: "science" | "compat"): void {
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
  if (values.text("from-directory") !== undefined) {
    const other = ["from", "base"].find((each) => values.text(each) !== undefined);
    if (kind === "compat" || way === "in-place" || other !== undefined)
      throw usageError(
        `--from-directory starts a science layer of what its Dockerfile says${other === undefined ? "" : `, and --${other} says something else`}`,
        "write image-builder new science NAME --from-directory DIR",
      );
  }
  if (values.text("from") !== undefined && values.text("base") !== undefined)
    throw usageError("--from and --base name two images to start from", "leave one of them out");
}

function answer(made: NewAnswer): string {
  const { files, copies = [], says } = made.scaffold;
  const written = [...files.map(({ path, is }) => `${is} ${path}`), ...copies.map(({ path }) => `copied ${path}`)];
  if (made.planOnly)
    return `${[...files.map(({ path, text }) => `${path}:\n${text}`), ...written.map(wouldBe), ...says].join("\n")}\n`;
  return `${[...written, ...says, "", "next:", ...nextSteps(made).map((each) => `  ${each}`)].join("\n")}\n`;
}

const wouldBe = (line: string): string => `would be ${line}`;

/** What is to be done in this order. Nothing can be planned before there is a commit, and nothing with errors about. */
function nextSteps({ scaffold, diagnostics, lacksInterface, lacks }: NewAnswer): string[] {
  const { directory, files } = scaffold;
  const isEdited = files.some(({ is }) => is === "edited");
  const commit = `git commit -m "${isEdited || files.length === 0 ? "Change" : "Add"} ${directory}"`;
  const plan = `image-builder plan --include ${directory}`;
  return [
    ...(isEdited ? [] : [`edit ${directory}/Dockerfile`]),
    ...(lacksInterface === undefined ? [] : [`image-builder new compat ${lacksInterface}`]),
    ...(scaffold.warnings.length + diagnostics.length > 0 ? ["image-builder check"] : []),
    ...(lacks === "repository" ? ["git init"] : []),
    ...(lacks !== undefined
      ? [`git add . && ${commit}`, plan]
      : [...(files.length > 0 ? [`${plan} --untracked`] : []), `git add ${directory} && ${commit}`]),
  ];
}
