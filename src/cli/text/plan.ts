import type { CompatBuild, Plan, PlannedBuild, ScienceBuild } from "../../plan/model.ts";
import { reasonText } from "./reason.ts";

/**
 * The lines of a dry run: the final images, and how many builds there are. In detail also every science build, all with
 * reasons and parents. Scripts read these lines; docs/commands.md promises them.
 */
export function planText(plan: Plan, detailed: boolean): string {
  const lines = plan.builds.flatMap((build) => (detailed ? detailedLines(build) : finalLine(build)));
  return `${[...lines, planTotals(plan)].join("\n")}\n`;
}

const planTotals = ({ summary }: Plan): string =>
  `final plan includes ${summary.science} science builds and ${summary.compat} compat builds`;

const finalLine = (build: PlannedBuild): readonly string[] =>
  build.kind === "science"
    ? []
    : [`change results in final image ${build.image} => ${build.tags.map(lastComponent).join(", ")}`];

const detailedLines = (build: PlannedBuild): readonly string[] => [
  ...(build.kind === "science" ? [scienceLine(build)] : finalLine(build)),
  ...build.reasons.map((reason) => `  because ${reasonText(reason)}`),
  ...(build.kind === "compat" ? stackLines(build) : []),
  ...(build.dependsOn.length > 0 ? [`  after ${build.dependsOn.join(", ")}`] : []),
  ...(build.kind === "compat" && build.scienceTests ? [testsLine(build.scienceTests)] : []),
  ...(build.engine ? [`  built by ${build.engine.name}: ${build.engine.why}`] : []),
  ...build.tags.map((tag) => `  tag ${tag}`),
];

function testsLine({ count, when, runs }: NonNullable<CompatBuild["scienceTests"]>): string {
  const tests = `${count} ${count === 1 ? "test" : "tests"} of the science image`;
  if (when === "off") return `  ${tests}: off`;
  const where = when === "always" ? "" : " where what resolves is not the same";
  return `  ${tests}: ${runs ? "run" : "not tested, for its engine runs no containers,"}${where}`;
}

const scienceLine = ({ target, tags }: ScienceBuild): string =>
  `change results in science image ${target} => ${tags.map(lastComponent).join(", ")}`;

const stackLines = ({ science, layers, replaced }: CompatBuild): readonly string[] => [
  `  interface ${layers.join(" + ")} on science image ${science}`,
  ...replaced.map(({ file, by, of }) => `  file ${file} of ${of} is replaced by ${by}`),
];

/** `nist-basic:1.0` of `registry.example.org/images/rel/nist-basic:1.0`. */
const lastComponent = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);
