import type { BuildRequest } from "../../run/model.ts";
import type { Planned, PlanRequest } from "../../run/plan.ts";
import type { Call, Command } from "../command.ts";
import { insecureOption, lockOption, publishOptions, refreshOption } from "../common-options.ts";
import type { OptionSpec } from "../option.ts";
import { codeFor, remark, warn } from "../report.ts";
import { savedPlan } from "../saved-plan.ts";
import { readSecrets, secretOption } from "../secret-option.ts";
import { pathOf, planRequest, publishRequest, showsEngines } from "../session-options.ts";
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
  {
    name: "jobs",
    kind: "number",
    value: "N",
    description: "builds side by side (default: as many as the engine has room for)",
  },
  {
    name: "plan",
    kind: "text",
    value: "FILE",
    values: "files",
    description: "execute a saved plan; refused when it was made for another commit",
  },
  {
    name: "only",
    kind: "list",
    lineOnly: true,
    value: "ID",
    description: "make only this build of the plan, on the parents that other jobs have pushed; moves no stable tag",
  },
  {
    name: "shard",
    kind: "text",
    lineOnly: true,
    value: "K/N",
    description: "make only the K-th of N parts of the plan, of about the same length; moves no stable tag",
  },
  {
    name: "results",
    kind: "text",
    value: "DIR",
    values: "directories",
    description: "write a file for each build into DIR, with what became of it",
  },
  {
    name: "junit",
    kind: "text",
    value: "FILE",
    values: "files",
    description: "write a JUnit report of builds and their tests, also when the run fails",
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
    name: "network",
    kind: "text",
    value: "MODE",
    description: "network of RUN instructions, as docker build takes it",
  },
  secretOption,
  ...publishOptions,
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
    { line: "build --plan plan.json --shard 2/4 --push", says: "one of four jobs; publish --plan then moves the tags" },
    { line: "build --secret id=licence,src=$HOME/licence.dat", says: "with a build secret that definitions declare" },
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
  return codeFor(planned.unread);
}

type Destination = Pick<BuildRequest, "push" | "output">;

const destination = ({ values }: Call): Destination => ({
  push: values.flag("push") ?? false,
  output: values.text("output"),
});

const buildOptions = ({ values, world }: Call): BuildRequest => ({
  only: values.list("only"),
  shard: shardOf(values.text("shard")),
  results: pathOf(values.text("results"), world),
  junit: pathOf(values.text("junit"), world),
  noCache: values.flag("no-cache") ?? false,
  secrets: readSecrets(values.list("secret"), world.directory),
  ...publishRequest({ values, world }),
});

function tellPlan(planned: Planned, call: Call): void {
  warn([...planned.plan.warnings, ...planned.unread], call);
  remark(planned, call);
}

function shardOf(text: string | undefined): BuildRequest["shard"] {
  if (text === undefined) return undefined;
  const [, number, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  if (number === undefined || count === undefined)
    throw usageError(
      `--shard is ${JSON.stringify(text)}, and K/N is expected`,
      "write --shard 1/4 for the first of four",
    );
  return { number: Number(number), count: Number(count) };
}
