import { FailedError } from "../../diagnostics/failure.ts";
import type { Plan } from "../../plan/model.ts";
import type { Prepared } from "../../run/prepare.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import type { OptionSpec } from "../option.ts";
import { planOptions } from "../plan-options.ts";
import { planWithEngines } from "../plan-with-engines.ts";
import { remark, warn } from "../report.ts";

const options: readonly OptionSpec[] = [
  {
    name: "dryrun",
    short: "n",
    aliases: ["dry-run"],
    kind: "flag",
    description: "show the plan and do nothing (also --dry-run)",
  },
  { name: "push", kind: "flag", description: "publish what was built; without it nothing leaves this machine" },
  {
    name: "engine",
    kind: "text",
    value: "NAME",
    description: "build everything with this engine instead of choosing one for each build",
  },
  { name: "jobs", kind: "number", value: "N", description: "builds side by side" },
  {
    name: "keep-going",
    kind: "flag",
    description: "publish the image-versions whose whole chain succeeded, though others failed",
  },
  {
    name: "plan",
    kind: "text",
    value: "FILE",
    description: "execute a saved plan; refused when it was made for another commit",
  },
  { name: "no-cache", kind: "flag", description: "run every instruction again, without the engine's cache" },
  {
    name: "output",
    kind: "text",
    value: "oci:DIR",
    description: "write an OCI image layout instead of an engine's store",
  },
  {
    name: "allow-orphans",
    kind: "flag",
    description: "publish although a published image-version loses its definition",
  },
  {
    name: "network",
    kind: "text",
    value: "MODE",
    description: "network of RUN instructions, as docker build takes it",
  },
  {
    name: "no-verdict",
    kind: "flag",
    description: "do not attach to published images whether their science part is untouched",
  },
  {
    name: "key",
    kind: "text",
    value: "FILE",
    description: "sign the verdicts of published images with this key (PEM)",
  },
  insecureOption,
];

export const build: Command = {
  name: "build",
  summary: "Plan and build; with --push also publish (the default)",
  arguments: [],
  options,
  formats: ["text", "json"],
  examples: [
    { line: "-v --dryrun", says: "what the last commit changes" },
    { line: "build", says: "build it here; nothing is pushed" },
    { line: "build --push --since published", says: "bring the registry up to date" },
    { line: "build --include science/nist-basic", says: "this directory and what depends on it" },
    { line: "build --push --repo registry.example.org/me/test", says: "try publishing somewhere else" },
  ],
  run: buildImages,
};

async function buildImages(call: Call): Promise<number> {
  const { findRoot, preparePlan } = await import("../../run/prepare.ts");
  const prepared = await preparePlan(planOptions(call, findRoot));
  const plan = await chosenPlan(call, prepared);
  const dryrun = call.values.flag("dryrun");
  if (!dryrun && prepared.unread.length > 0) throw new FailedError(prepared.unread);
  warn([...plan.warnings, ...prepared.unread], call);
  remark({ ...prepared, plan }, call);
  if (dryrun) return showPlan({ ...prepared, plan }, call);
  const { executePlan } = await import("../execute-plan.ts");
  return executePlan({ ...prepared, plan }, call);
}

/** The plan just made, or the saved one (B22). */
async function chosenPlan({ values, world }: Call, { catalogue, plan }: Prepared): Promise<Plan> {
  const file = values.text("plan");
  if (file === undefined) return plan;
  const { readSavedPlan } = await import("../saved-plan.ts");
  return readSavedPlan(file, world.directory, { ...plan, repo: catalogue.settings.repo });
}

async function showPlan({ plan, catalogue, unread }: Prepared, call: Call): Promise<number> {
  const { values, world } = call;
  const destination = { push: values.flag("push"), output: values.text("output"), engine: catalogue.settings.engine };
  const { formatPlan } = await import("../text/plan-forms.ts");
  const shown = await planWithEngines(plan, catalogue, destination, call);
  world.stdout.write(formatPlan(shown, values.text("format"), values.count("verbose")));
  return unread.length > 0 ? exitCodes.failed : exitCodes.done;
}
