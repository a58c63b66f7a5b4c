import * as z from "zod";
import { scienceTestModes } from "../catalogue/freeze.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { contradictions, type PlanFacts } from "./contradictions.ts";
import type { Plan } from "./model.ts";

/** Reads the document of a saved plan. Throws `RefusedError` when it is none. */
export function readPlanDocument(text: string, file: string): Plan {
  const parsed = planDocument.safeParse(parseJson(text));
  if (!parsed.success) throw new RefusedError([notAPlan(file, parsed.error)]);
  return parsed.data as Plan;
}

/**
 * Throws `RefusedError` when a plan was made for another commit or repository (B22), or holds anything that the catalogue there
 * contradicts (B39).
 */
export function holdPlan(plan: Plan, facts: PlanFacts): void {
  const { everything } = facts;
  if (plan.commit !== everything.commit || plan.stamp !== everything.stamp)
    throw new RefusedError([otherCommit(plan, everything)]);
  if (plan.repo !== everything.repo) throw new RefusedError([otherRepository(plan, everything)]);
  const problems = contradictions(plan, facts);
  if (problems.length > 0) throw new RefusedError(problems);
}

const text = z.string();
const texts = z.array(text);
const reason = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("files-changed"), files: texts }),
  z.looseObject({ kind: z.literal("parent-rebuilt"), parent: text }),
  z.looseObject({ kind: z.literal("science-rebuilt"), science: text }),
  z.looseObject({ kind: z.literal("compat-changed"), layer: text, files: texts }),
  z.looseObject({ kind: z.literal("refreshed"), asked: text }),
  z.looseObject({ kind: z.literal("withdrawn"), tag: text, why: text }),
  ...["included", "not-published", "nothing-to-compare", "all"].map((kind) => z.looseObject({ kind: z.literal(kind) })),
]);
const build = {
  id: text,
  image: text,
  version: text,
  tags: z.tuple([text, text], text),
  dependsOn: texts,
  reasons: z.array(reason),
  engine: z.looseObject({ name: text, why: text.default("the plan names it") }).optional(),
  seconds: z.number().nonnegative().optional(),
};
const scienceBuild = z.looseObject({ ...build, kind: z.literal("science"), directory: text, target: text });
const replaced = z.object({ file: text, by: text, of: text });
const compatBuild = z.looseObject({
  ...build,
  kind: z.literal("compat"),
  science: text,
  layers: texts,
  replaced: z.array(replaced),
  scienceTests: z.looseObject({ count: z.number(), when: z.enum(scienceTestModes), runs: z.boolean() }).optional(),
});
const diagnostic = z.looseObject({
  severity: z.enum(["error", "warning"]),
  code: text,
  message: text,
  notes: z.array(z.looseObject({ message: text })),
});

const planDocument = z.looseObject({
  formatVersion: z.literal(1),
  repo: text,
  commit: text,
  stamp: text,
  dirty: z.boolean(),
  since: z.looseObject({ kind: text, range: text.optional(), base: text.optional() }),
  ignored: texts.optional(),
  held: texts.optional(),
  bases: z
    .array(z.object({ name: text, reference: text, digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }))
    .optional(),
  builds: z.array(z.discriminatedUnion("kind", [scienceBuild, compatBuild])),
  warnings: z.array(diagnostic),
  summary: z.object({ science: z.number(), compat: z.number() }),
});

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

const notAPlan = (file: string, { issues }: z.ZodError) =>
  error("bad-plan", `${file} is not a plan document of format version 1`, {
    notes: issues
      .slice(0, 3)
      .map(({ path, message }) => ({ message: `${path.join(".") || "the document"}: ${message}` })),
    help: "make one with image-builder plan --format json --output FILE",
  });

const otherCommit = (plan: Plan, { stamp }: Plan) =>
  error("plan-of-another-commit", `the plan was made for ${plan.stamp}, and the working tree is ${stamp}`, {
    help: "check out the plan's commit without changes, or make the plan again",
  });

const otherRepository = (plan: Plan, { repo }: Plan) =>
  error("plan-of-another-repository", `the plan was made for ${plan.repo}, and this run publishes to ${repo}`, {
    help: `give --repo ${plan.repo}, or make the plan again`,
  });
