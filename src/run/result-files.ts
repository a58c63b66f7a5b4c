import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { examinedSchema } from "../freeze/schema.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/model.ts";

/** What became of one build, as a job leaves it for others: a file of JSON for each. */
export type ResultFile = z.infer<typeof resultSchema>;

const resultSchema = z.looseObject({
  formatVersion: z.literal(1),
  /** Of the plan that the build is part of. */
  plan: z.string(),
  id: z.string(),
  outcome: z.enum(["done", "present", "failed", "skipped", "stopped"]),
  reference: z.string().optional(),
  digest: z.string().optional(),
  seconds: z.number().optional(),
  /** What was found out about the image before it got its tag. */
  examined: examinedSchema.optional(),
  problems: z.array(z.looseObject({ message: z.string() })).optional(),
});

export type ResultDocument = Pick<
  ResultFile,
  "formatVersion" | "plan" | "id" | "outcome" | "reference" | "digest" | "seconds" | "examined"
>;

/** Tells plans apart by what they build and under which tags. */
export const planDigest = ({ repo, commit, stamp, builds }: Plan): Digest =>
  sha256Digest(canonicalJson({ repo, commit, stamp, builds: builds.map(({ id, tags }) => ({ id, tags })) }));

/**
 * What jobs have left of this plan, by id. Throws `RefusedError` for a folder or a file that cannot be read, and for results of
 * another plan.
 */
export async function readResults(folder: string, plan: Plan): Promise<Map<string, ResultFile>> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".json")).sort();
  const results = await Promise.all(names.map((name) => readResult(join(folder, name))));
  const digest = planDigest(plan);
  const strange = results.flatMap((each, at) => (each.plan === digest ? [] : [ofAnotherPlan(names[at] ?? "", each)]));
  if (strange.length > 0) throw new RefusedError(strange);
  return new Map(results.map((each) => [each.id, each]));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new RefusedError([unreadable(folder, (cause as NodeJS.ErrnoException).code ?? String(cause))]);
  }
}

/** Bytes. */
const longest = 1024 * 1024;

async function readResult(path: string): Promise<ResultFile> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(longest), position: 0 });
    const parsed = resultSchema.safeParse(JSON.parse(buffer.toString("utf8", 0, bytesRead)));
    if (parsed.success) return parsed.data;
    throw new RefusedError([unreadable(path, parsed.error.issues[0]?.message ?? "no result")]);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new RefusedError([unreadable(path, "no JSON, or too long")]);
    throw cause;
  } finally {
    await file.close();
  }
}

const unreadable = (path: string, why: string): Diagnostic =>
  error("bad-results", `${path} does not hold results of builds: ${why}`, {
    help: "name the folder that build --results DIR wrote to",
  });

const ofAnotherPlan = (name: string, { id }: ResultFile): Diagnostic =>
  error("results-of-another-plan", `${name} is what became of ${id} in another plan`, {
    help: "give the results of this plan's jobs, in a folder of their own",
  });
