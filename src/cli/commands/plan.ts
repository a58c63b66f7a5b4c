import type { Planned } from "../../run/plan.ts";
import { writeAnswer } from "../answer.ts";
import type { Call, Command } from "../command.ts";
import { insecureOption, refreshOption } from "../common-options.ts";
import { codeFor, remark, warn } from "../report.ts";
import { planRequest, showsEngines } from "../session-options.ts";

export const plan: Command = {
  name: "plan",
  summary: "Show what would be built, and why",
  description: "Needs no engine and no network, except with --since published and --pin.",
  arguments: [],
  options: [
    refreshOption,
    {
      name: "pin",
      kind: "flag",
      description: "write down what every base is now, so that all jobs of the plan build on the same; asks registries",
    },
    {
      name: "output",
      kind: "text",
      value: "FILE",
      values: "files",
      description: "write the plan to FILE instead of stdout",
      lineOnly: true,
    },
    insecureOption,
  ],
  formats: ["text", "json", "markdown", "dot", "mermaid"],
  examples: [
    { line: "plan -v", says: "what the last commit changes" },
    { line: "plan --since origin/main -vv", says: "what a branch changes, with every build and its reasons" },
    { line: "plan --format json --output plan.json", says: "a plan to review, for build --plan plan.json" },
    { line: "plan --since origin/main --format markdown", says: "a comment for the page of a proposed change" },
    {
      line: "plan --pin --format json --output plan.json",
      says: "a plan for several jobs, which all build on the same bases",
    },
  ],
  run: showPlan,
};

async function showPlan(call: Call): Promise<number> {
  const run = await import("../../run/plan.ts");
  const { formatPlan } = await import("../text/plan-forms.ts");
  const engines = { push: true, named: showsEngines(call) };
  const made = await run.plan(call.session, { ...planRequest(call), engines });
  const planned = call.values.flag("pin") ? { ...made, plan: await pinned(call, made) } : made;
  warn([...planned.plan.warnings, ...planned.unread], call);
  await writeAnswer(formatPlan(planned.plan, call.values.text("format"), call.values.count("verbose")), call);
  remark(planned, call);
  return codeFor(planned.unread);
}

async function pinned(call: Call, made: Planned): Promise<Planned["plan"]> {
  const { pinPlan } = await import("../../run/pin.ts");
  return pinPlan(call.session, made);
}
