import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import { type NewRequest, newLayer } from "../../run/new.ts";
import type { Scaffold } from "../../scaffold/model.ts";
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
  const { scaffold, diagnostics } = await newLayer(
    call.session,
    request,
    prompt && ((question) => ask(question, prompt, world)),
  );
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
  if (values.text("from") !== undefined && values.text("base") !== undefined)
    throw usageError("--from and --base name two images to start from", "leave one of them out");
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
