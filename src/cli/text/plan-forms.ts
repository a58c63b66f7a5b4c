import type { Plan } from "../../plan/model.ts";
import { planDot, planMermaid } from "./graph.ts";
import { planText } from "./plan.ts";
import { planDocument } from "./plan-document.ts";
import { planMarkdown } from "./plan-markdown.ts";

/** The plan in one of the forms of `--format`. */
export function formatPlan(plan: Plan, form: string | undefined, verbosity: number): string {
  if (form === "json") return `${JSON.stringify(planDocument(plan), null, 2)}\n`;
  if (form === "dot") return planDot(plan);
  if (form === "markdown") return planMarkdown(plan);
  return form === "mermaid" ? planMermaid(plan) : planText(plan, verbosity > 1);
}
