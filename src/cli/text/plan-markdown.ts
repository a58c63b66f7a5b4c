import type { Plan, PlannedBuild } from "../../plan/model.ts";
import { code, fitting, plainText } from "./markdown.ts";
import { reasonText } from "./reason.ts";

/**
 * The plan as a comment on a proposed change: its first line is a mark by which a pipeline finds the comment again, so that one is
 * kept up to date instead of many being written. At most 60,000 characters, since GitHub takes 65,536.
 */
export function planMarkdown(plan: Plan): string {
  const { science, compat } = plan.summary;
  const finals = plan.builds.filter(({ kind }) => kind === "compat");
  const head = [planMark, "### What image-builder would do", ""];
  if (plan.builds.length === 0) return `${[...head, "Nothing is to be built."].join("\n")}\n`;
  const totals = `${counted(science, "science build")} and ${counted(compat, "interface build")}, for ${plainText(plan.stamp)}.`;
  const images = fitting(finals, imageRow, 30_000);
  const builds = fitting(plan.builds, buildLine, 25_000);
  return `${[
    ...head,
    totals,
    ...(finals.length === 0
      ? []
      : ["", "| image | new tag | why |", "| --- | --- | --- |", ...images.taken, ...more(images.left, "image")]),
    "",
    "<details><summary>Every build, in order</summary>",
    "",
    ...builds.taken,
    ...more(builds.left, "build"),
    "",
    "</details>",
  ].join("\n")}\n`;
}

const planMark = "<!-- image-builder plan -->";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const more = (left: number, what: string): string[] => (left === 0 ? [] : ["", `… and ${counted(left, what)} more.`]);

const imageRow = (build: PlannedBuild): string =>
  `| ${code(`${build.image}:${build.version}`)} | ${code(tagOf(build.tags[0]))} | ${why(build)} |`;

const buildLine = (build: PlannedBuild): string => `- ${code(build.id)}: ${why(build)}${after(build)}`;

const why = ({ reasons }: PlannedBuild): string => plainText(reasons.map(reasonText).join("; "));

const after = ({ dependsOn }: PlannedBuild): string =>
  dependsOn.length === 0 ? "" : ` (after ${dependsOn.map(code).join(", ")})`;

const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(":") + 1);
