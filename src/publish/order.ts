import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Plan, PlannedBuild } from "../plan/model.ts";
import { type Ancestries, whyNotForward } from "./standing.ts";
import type { Survey } from "./survey.ts";

interface OrderOptions {
  readonly ancestries: Ancestries;
  /** Image-versions whose tags may go backwards. */
  readonly allowOlder: readonly string[];
}

/** Why stable tags of a plan would not go forward (B35), by image-version; those that all do are not in it. */
export async function backwardImages(
  plan: Plan,
  { present, standing }: Pick<Survey, "present" | "standing">,
  { ancestries, allowOlder }: OrderOptions,
): Promise<Map<string, Diagnostic[]>> {
  const tags = plan.builds.flatMap((build) => build.tags.slice(1).map((reference) => ({ build, reference })));
  const problems = await Promise.all(
    tags.map(async ({ build, reference }): Promise<readonly [string, Diagnostic | undefined]> => {
      const now = standing.get(reference);
      const stays = now === undefined || now.digest === present.get(build.id)?.manifest;
      const image = imageVersion(build);
      if (stays || allowOlder.includes(image)) return [image, undefined];
      return [image, await whyNotForward(newBuild(build, reference, plan), now, ancestries)];
    }),
  );
  const found = new Map<string, Diagnostic[]>();
  for (const [image, problem] of problems) if (problem) found.set(image, [...(found.get(image) ?? []), problem]);
  return found;
}

/** `reference`: the stable tag, or one that moves with it. */
export const newBuild = (build: PlannedBuild, reference: string, { commit }: Pick<Plan, "commit">) => ({
  image: imageVersion(build),
  reference,
  tag: build.tags[0].slice(build.tags[0].lastIndexOf(":") + 1),
  commit,
});

/** Names that no image-version of the plan has, so that a slip of the pen does not pass for a permission. */
export function strangeAllowances(plan: Plan, allowOlder: readonly string[]): Diagnostic[] {
  const planned = [...new Set(plan.builds.map(imageVersion))];
  return allowOlder
    .filter((each) => !planned.includes(each))
    .map((each) =>
      error("not-planned", `--allow-older names ${each}, which this plan does not build${didYouMean(each, planned)}`, {
        help: planned.length === 0 ? "nothing is planned" : `it builds ${planned.slice(0, 10).join(", ")}`,
      }),
    );
}
