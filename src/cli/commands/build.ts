import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { BuildRequest } from "../../run/model.ts";
import type { Planned, PlanRequest } from "../../run/plan.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption, lockOf, lockOption, refreshOption } from "../common-options.ts";
import type { OptionSpec } from "../option.ts";
import { remark, warn } from "../report.ts";
import { pathOf, planRequest, showsEngines } from "../session-options.ts";
import { usageError } from "../usage.ts";

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
    values: "engines",
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
    values: "files",
    description: "execute a saved plan; refused when it was made for another commit",
  },
  refreshOption,
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
    values: "files",
    description: "sign the verdicts of published images with this key (PEM)",
  },
  {
    name: "allow-older",
    kind: "list",
    lineOnly: true,
    value: "IMAGE:VERSION",
    values: "versions",
    description: "let the stable tags of these go to a build that is older than theirs, or not known to be newer",
  },
  lockOption,
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
  const { values } = call;
  const request = { ...planRequest(call), saved: await savedPlan(call), ...destination(call) };
  if (values.flag("dryrun")) return showPlan(call, request);
  const run = await import("../../run/build.ts");
  const { answerBuild, tellRun, watchBuild } = await import("../watch-build.ts");
  const watch = watchBuild(call, (planned) => tellPlan(planned, call));
  call.atEnd(() => tellRun(watch.run(), call));
  try {
    const outcome = await run.build(call.session, { ...request, ...buildOptions(call) }, watch);
    watch.close();
    return answerBuild(outcome, destination(call), call);
  } finally {
    watch.close();
  }
}

async function showPlan(call: Call, request: PlanRequest & Destination): Promise<number> {
  const { values, world } = call;
  const run = await import("../../run/plan.ts");
  const { formatPlan } = await import("../text/plan-forms.ts");
  const engines = { ...destination(call), named: showsEngines(call) };
  const planned = await run.plan(call.session, { ...request, engines });
  tellPlan(planned, call);
  world.stdout.write(formatPlan(planned.plan, values.text("format"), values.count("verbose")));
  return planned.unread.length > 0 ? exitCodes.failed : exitCodes.done;
}

type Destination = Pick<BuildRequest, "push" | "output">;

const destination = ({ values }: Call): Destination => ({
  push: values.flag("push") ?? false,
  output: values.text("output"),
});

const buildOptions = ({ values, world }: Call): BuildRequest => ({
  keepGoing: values.flag("keep-going") ?? false,
  noCache: values.flag("no-cache") ?? false,
  allowOrphans: values.flag("allow-orphans") ?? false,
  allowOlder: values.list("allow-older"),
  lock: lockOf({ values }),
  noVerdict: values.flag("no-verdict") ?? false,
  key: pathOf(values.text("key"), world),
});

function tellPlan(planned: Planned, call: Call): void {
  warn([...planned.plan.warnings, ...planned.unread], call);
  remark(planned, call);
}

async function savedPlan({ values, world }: Call): Promise<PlanRequest["saved"]> {
  const name = values.text("plan");
  if (name === undefined) return undefined;
  const path = resolve(world.directory, name);
  try {
    return { name, text: await readFile(path, "utf8") };
  } catch (cause) {
    const help = "make one with image-builder plan --format json --output FILE";
    throw usageError(`--plan names ${path}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`, help);
  }
}
