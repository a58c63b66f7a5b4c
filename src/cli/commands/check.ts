import { relative } from "node:path";
import type { Catalogue } from "../../catalogue/model.ts";
import { type Diagnostic, hasErrors, type Place } from "../../diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../diagnostics/render.ts";
import { renderGithub } from "../../diagnostics/render-github.ts";
import { renderGitlab } from "../../diagnostics/render-gitlab.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { styleFor } from "../style.ts";
import type { World } from "../world.ts";

export const check: Command = {
  name: "check",
  summary: "Show every problem of the catalogue at once",
  description: "Exit code 2 when one of them is an error. Needs no engine and no network.",
  arguments: [],
  options: [],
  formats: ["text", "json", "github", "gitlab"],
  examples: [
    { line: "check", says: "all problems with their places and next steps" },
    { line: "check --format github", says: "annotations of a pull request on GitHub" },
    { line: "check --format gitlab > gl-code-quality-report.json", says: "a code quality report for GitLab" },
  ],
  run: showProblems,
};

async function showProblems(call: Call): Promise<number> {
  const run = await import("../../run/check.ts");
  const { catalogue, diagnostics } = await run.check(call.session);
  call.world.stdout.write(format(diagnostics, call, catalogue));
  return hasErrors(diagnostics) ? exitCodes.refused : exitCodes.done;
}

function format(found: readonly Diagnostic[], { values, world }: Call, catalogue: Catalogue): string {
  switch (values.text("format")) {
    case "json":
      return `${JSON.stringify(document(found), null, 2)}\n`;
    case "github":
      return renderGithub(inProject(found, catalogue.root, world));
    case "gitlab":
      return renderGitlab(inProject(found, catalogue.root, world));
    default: {
      const text = renderDiagnostics(found, styleFor(values.text("color"), world.stdout, world.environment));
      return text === "" ? `no problems in ${contents(catalogue)}\n` : text;
    }
  }
}

const document = (found: readonly Diagnostic[]): object => ({
  formatVersion: 1,
  problems: found.map(diagnosticDocument),
  summary: {
    errors: found.filter((each) => each.severity === "error").length,
    warnings: found.filter((each) => each.severity === "warning").length,
  },
});

/** CI systems want paths from the top of the checkout, where the catalogue may be a folder of it. */
function inProject(found: readonly Diagnostic[], root: string, { environment, directory }: World): Diagnostic[] {
  const folder = relative(environment.GITHUB_WORKSPACE ?? environment.CI_PROJECT_DIR ?? directory, root);
  const below = (at: Place): Place => ({ ...at, file: folder === "" ? at.file : `${folder}/${at.file}` });
  return found.map((each) => (each.at === undefined ? each : { ...each, at: below(each.at) }));
}

const contents = ({ science, compat }: Catalogue): string =>
  `${science.length} science and ${compat.length} compat layers`;
