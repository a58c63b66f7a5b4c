import { writeAnswer } from "../answer.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { planOptions } from "../plan-options.ts";
import { planWithEngines } from "../plan-with-engines.ts";
import { remark, warn } from "../report.ts";

export const plan: Command = {
  name: "plan",
  summary: "Show what would be built, and why",
  description: "Needs no engine and no network, except with --since published.",
  arguments: [],
  options: [
    {
      name: "output",
      kind: "text",
      value: "FILE",
      description: "write the plan to FILE instead of stdout",
      lineOnly: true,
    },
    insecureOption,
  ],
  formats: ["text", "json", "dot", "mermaid"],
  examples: [
    { line: "plan -v", says: "what the last commit changes" },
    { line: "plan --since origin/main -vv", says: "what a branch changes, with every build and its reasons" },
    { line: "plan --format json --output plan.json", says: "a plan to review, for build --plan plan.json" },
  ],
  run: showPlan,
};

async function showPlan(call: Call): Promise<number> {
  const { findRoot, preparePlan } = await import("../../run/prepare.ts");
  const { formatPlan } = await import("../text/plan-forms.ts");
  const prepared = await preparePlan(planOptions(call, findRoot));
  warn([...prepared.plan.warnings, ...prepared.unread], call);
  const destination = { push: true, engine: prepared.catalogue.settings.engine };
  const plan = await planWithEngines(prepared.plan, prepared.catalogue, destination, call);
  await writeAnswer(formatPlan(plan, call.values.text("format"), call.values.count("verbose")), call);
  remark(prepared, call);
  return prepared.unread.length > 0 ? exitCodes.failed : exitCodes.done;
}
