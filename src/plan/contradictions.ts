import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { scienceId } from "../naming/build-id.ts";
import type { Plan, PlannedBuild, Reason } from "./model.ts";
import { circlesAmong } from "./plan-circles.ts";

/** What a saved plan is held against. */
export interface PlanFacts {
  /** Everything that can be built of the catalogue at this commit, as a plan of all has it. */
  readonly everything: Plan;
  /** What messages call the saved plan. */
  readonly name: string;
}

/**
 * Everything in a saved plan that the catalogue at its commit contradicts, and what in it contradicts itself (B39). A plan is a
 * request: it may ask for less than all, but for nothing that is not so.
 */
export function contradictions(plan: Plan, facts: PlanFacts): Diagnostic[] {
  const planned = new Map(plan.builds.map((each) => [each.id, each]));
  const known = new Map(facts.everything.builds.map((each) => [each.id, each]));
  const found = [
    ...headContradictions(plan, facts.everything),
    ...doubles(plan),
    ...circlesAmong(plan.builds).map((path) => `builds depend on each other in a circle: ${path.join(" → ")}`),
    ...plan.builds.flatMap((each) => buildContradictions(each, known.get(each.id), planned)),
    ...missing(plan, planned, facts.everything),
  ];
  return found.map((message) => error("bad-plan", `${facts.name}: ${message}`, { help: "make the plan again" }));
}

function headContradictions(plan: Plan, { dirty }: Plan): string[] {
  const { summary, builds } = plan;
  const count = (kind: PlannedBuild["kind"]): number => builds.filter((each) => each.kind === kind).length;
  return [
    ...differs("dirty", plan.dirty, dirty, "the working tree"),
    ...differs("summary.science", summary.science, count("science"), "its list of builds"),
    ...differs("summary.compat", summary.compat, count("compat"), "its list of builds"),
  ];
}

const differs = (field: string, is: unknown, expected: unknown, who: string): string[] =>
  same(is, expected) ? [] : [`${field} is ${shown(is)}, and ${who} says ${shown(expected)}`];

function doubles({ builds }: Plan): string[] {
  const ids = builds.map(({ id }) => id);
  const tags = builds.flatMap((each) => [...new Set(each.tags)]);
  return [
    ...repeated(ids).map((id) => `${shown(id)} is listed twice`),
    ...repeated(tags).map((tag) => `two builds would write ${shown(tag)}`),
  ];
}

const repeated = (values: readonly string[]): string[] => [
  ...new Set(values.filter((each, at) => values.indexOf(each) !== at)),
];

/** Which engine is asked for and why a build is planned are the plan's own to say. */
const ownFields = new Set(["id", "engine", "reasons", "dependsOn", "seconds", "scienceTests"]);

type Planned = ReadonlyMap<string, PlannedBuild>;

function buildContradictions(build: PlannedBuild, expected: PlannedBuild | undefined, planned: Planned): string[] {
  const { id } = build;
  if (expected === undefined) return [`the catalogue has no build ${shown(id)}`];
  const fields = [...new Set([...Object.keys(build), ...Object.keys(expected)])].filter((each) => !ownFields.has(each));
  const valueOf = (of: PlannedBuild, field: string): unknown => (of as unknown as Record<string, unknown>)[field];
  return [
    ...fields.flatMap((field) =>
      differs(`${field} of ${id}`, valueOf(build, field), valueOf(expected, field), "the catalogue"),
    ),
    ...edgeContradictions(build, expected, planned),
    ...build.reasons.flatMap((each) => reasonContradictions(build, each, expected, planned)),
  ];
}

/** The edges to builds of the plan are the catalogue's; a parent that is not planned is taken as it is published. */
function edgeContradictions({ id, dependsOn }: PlannedBuild, expected: PlannedBuild, planned: Planned): string[] {
  const absent = dependsOn.filter((each) => !planned.has(each));
  const invented = dependsOn.filter((each) => planned.has(each) && !expected.dependsOn.includes(each));
  const lost = expected.dependsOn.filter((each) => planned.has(each) && !dependsOn.includes(each));
  return [
    ...absent.map((each) => `${id} depends on ${shown(each)}, which is not in the plan`),
    ...invented.map((each) => `${id} depends on ${each}, and in the catalogue it does not`),
    ...lost.map((each) => `${id} does not depend on ${each}, and in the catalogue it does`),
    ...repeated(dependsOn).map((each) => `${id} depends on ${shown(each)} twice`),
  ];
}

function reasonContradictions(
  { id }: PlannedBuild,
  reason: Reason,
  expected: PlannedBuild,
  planned: Planned,
): string[] {
  const cause = causeOf(reason);
  if (cause !== undefined && !(planned.has(cause) && expected.dependsOn.includes(cause)))
    return [
      `a reason of ${id} is that ${shown(cause)} is built, ${planned.has(cause) ? "which it is not built on" : "which is not in the plan"}`,
    ];
  if (reason.kind !== "compat-changed" || expected.kind !== "compat" || expected.layers.includes(reason.layer))
    return [];
  return [`a reason of ${id} is a change of ${shown(reason.layer)}, which is not in its interface`];
}

function causeOf(reason: Reason): string | undefined {
  if (reason.kind === "parent-rebuilt") return scienceId(reason.parent);
  return reason.kind === "science-rebuilt" ? scienceId(reason.science) : undefined;
}

/** What is built on a planned image follows it (B18, B19), unless the plan says that it was left out. */
function missing({ ignored = [], held = [] }: Plan, planned: Planned, { builds }: Plan): string[] {
  return builds.flatMap((each) => {
    const cause = planned.has(each.id) ? undefined : each.dependsOn.find((parent) => planned.has(parent));
    if (cause === undefined || held.includes(each.id)) return [];
    if (each.kind === "science" && ignored.includes(each.directory)) return [];
    return [`${each.id} is not in the plan, and ${cause}, which it is built on, is`];
  });
}

/** By value; keys in any order. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => same(one[key], other[key]));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "not there";
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}
