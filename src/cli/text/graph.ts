import { releaseName, scienceName } from "../../naming/layer-name.ts";
import type { Plan, PlannedBuild } from "../../plan/model.ts";

/** The plan for Graphviz: boxes are science builds, rounded boxes final images, arrows go from what is built first. */
export function planDot(plan: Plan): string {
  const nodes = plan.builds.map((build) => `  ${quote(build.id)} [label=${quote(label(build))}, ${shape(build)}];`);
  const edges = eachEdge(plan, (from, to) => `  ${quote(from)} -> ${quote(to)};`);
  return `${["digraph plan {", "  rankdir=LR;", ...nodes, ...edges, "}"].join("\n")}\n`;
}

/** The plan for Mermaid, as GitHub and GitLab draw it in a comment. */
export function planMermaid(plan: Plan): string {
  const names = new Map(plan.builds.map((build, index) => [build.id, `b${index}`]));
  const nodes = plan.builds.map((build) => `  ${names.get(build.id)}${mermaidShape(build)}`);
  const edges = eachEdge(plan, (from, to) => `  ${names.get(from)} --> ${names.get(to)}`);
  return `${["flowchart LR", ...nodes, ...edges].join("\n")}\n`;
}

const eachEdge = (plan: Plan, write: (from: string, to: string) => string): string[] =>
  plan.builds.flatMap((build) => build.dependsOn.map((parent) => write(parent, build.id)));

const label = (build: PlannedBuild): string => (build.kind === "science" ? scienceName(build) : releaseName(build));

const shape = (build: PlannedBuild): string => (build.kind === "science" ? "shape=box" : "shape=box, style=rounded");

const mermaidShape = (build: PlannedBuild): string =>
  build.kind === "science" ? `["${label(build)}"]` : `(["${label(build)}"])`;

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
