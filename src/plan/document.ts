import * as z from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { parseReference } from "../oci/reference.ts";
import type { Plan } from "./model.ts";

/** What a saved plan must be made for to be executed. */
interface Expected {
  /** Full hash of HEAD. */
  readonly commit: string;
  readonly stamp: string;
  readonly repo: string;
}

/** Reads a saved plan document. Throws `RefusedError` when it is none, or was made for another commit or repository (B22). */
export function readPlanDocument(text: string, file: string, expected: Expected): Plan {
  const parsed = planDocument.safeParse(parseJson(text));
  if (!parsed.success) throw new RefusedError([notAPlan(file, parsed.error)]);
  const plan = parsed.data as Plan;
  if (plan.commit !== expected.commit || plan.stamp !== expected.stamp)
    throw new RefusedError([otherCommit(plan, expected)]);
  if (plan.repo !== expected.repo) throw new RefusedError([otherRepository(plan, expected)]);
  const strange = plan.builds.flatMap((each) => each.tags).filter((tag) => !isTagOf(tag, plan));
  if (strange.length > 0) throw new RefusedError([strangeTag(file, strange[0] as string)]);
  return plan;
}

const text = z.string();
const texts = z.array(text);
const reason = z.looseObject({ kind: text });
const build = {
  id: text,
  image: text,
  version: text,
  tags: z.tuple([text, text]),
  dependsOn: texts,
  reasons: z.array(reason),
  engine: z.looseObject({ name: text, why: text.default("the plan names it") }).optional(),
};
const scienceBuild = z.looseObject({ ...build, kind: z.literal("science"), directory: text, target: text });
const replaced = z.object({ file: text, by: text, of: text });
const compatBuild = z.looseObject({
  ...build,
  kind: z.literal("compat"),
  science: text,
  layers: texts,
  replaced: z.array(replaced),
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
  since: z.looseObject({ kind: text }),
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

/** A saved plan writes where its repository says and nowhere else. */
const isTagOf = (tag: string, { repo }: Plan): boolean =>
  /^(sci|rel)\//.test(tag.slice(repo.length + 1)) &&
  tag.startsWith(`${repo}/`) &&
  parseReference(tag)?.tag !== undefined;

const notAPlan = (file: string, { issues }: z.ZodError) =>
  error("bad-plan", `${file} is not a plan document of format version 1`, {
    notes: issues
      .slice(0, 3)
      .map(({ path, message }) => ({ message: `${path.join(".") || "the document"}: ${message}` })),
    help: "make one with image-builder plan --format json --output FILE",
  });

const otherCommit = (plan: Plan, { stamp }: Expected) =>
  error("plan-of-another-commit", `the plan was made for ${plan.stamp}, and the working tree is ${stamp}`, {
    help: "check out the plan's commit without changes, or make the plan again",
  });

const otherRepository = (plan: Plan, { repo }: Expected) =>
  error("plan-of-another-repository", `the plan was made for ${plan.repo}, and this run publishes to ${repo}`, {
    help: `give --repo ${plan.repo}, or make the plan again`,
  });

const strangeTag = (file: string, tag: string) =>
  error("bad-plan", `${file} names ${JSON.stringify(tag)}, which is not below sci/ or rel/ of its repository`, {
    help: "make the plan again",
  });
