import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import type { OptionSpec } from "../option.ts";
import { planOptions } from "../plan-options.ts";
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
  const { findRoot, preparePlan } = await import("../../run.ts");
  const prepared = await preparePlan(planOptions(call, findRoot));
  const { plan } = prepared;
  warn(plan.warnings, call);
  remark(prepared, call);
  if (call.values.flag("dryrun")) {
    const { formatPlan } = await import("../text/plan-forms.ts");
    call.world.stdout.write(formatPlan(plan, call.values.text("format"), call.values.count("verbose")));
    return exitCodes.done;
  }
  throw new Error("building is not there yet");
}
