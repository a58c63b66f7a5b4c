import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { BuiltImage } from "../../engines/model.ts";
import type { BuildResult } from "../../engines/run-model.ts";
import { type BuildRequest, imageIn, type Outcome } from "../../run/model.ts";
import { copiedReferences, copiesText, copyDocument } from "./copies.ts";
import { planDocument } from "./plan-document.ts";

/** One line for each reference that can be pulled or run now, with its digest where it has one. */
export function outcomeText(
  { results, published, copies }: Outcome,
  { push, output }: Pick<BuildRequest, "push" | "output">,
): string {
  const references =
    push || output !== undefined
      ? published.flatMap(({ unique, stable, further = [], digest }) =>
          [unique, stable, ...further].flatMap((each) => (each ? [`${each}@${digest}`] : [])),
        )
      : results.flatMap((result) => nameOf(imageIn(result)));
  return references.map((each) => `${each}\n`).join("") + copiedReferences(copies);
}

/** An image in the store of an engine has no manifest yet, and so no digest to be pulled by. */
const nameOf = (image: BuiltImage | undefined): readonly string[] =>
  image ? [image.manifest ? `${image.reference}@${image.manifest}` : image.reference] : [];

/** The last line: whether anything left the machine (B32), and which stable tags did not move. */
export const closingText = (outcome: Outcome, destination: Pick<BuildRequest, "push" | "output">): string =>
  homeText(outcome, destination) + copiesText(outcome.copies ?? []);

function homeText(
  { plan, results, published, isPart }: Outcome,
  { push, output }: Pick<BuildRequest, "push" | "output">,
): string {
  if (plan.builds.length === 0) return "";
  if (!push) return `nothing was pushed: ${whereabouts(results, output)}\n`;
  if (isPart)
    return `${published.length} of ${plan.builds.length} images of this part have their unique tag in ${plan.repo}; image-builder publish --plan moves the stable tags when all of the plan are there\n`;
  const stable = published.filter((each) => each.stable !== undefined).length;
  const left = plan.builds.length - stable;
  if (left === 0)
    return `all ${plan.builds.length} images are in ${plan.repo}, each with its unique and its stable tag\n`;
  const unique = published.length;
  return `${unique} of ${plan.builds.length} images have their unique tag in ${plan.repo}, ${stable} also their stable tag; no other stable tag was moved, and running it again continues\n`;
}

function whereabouts(results: readonly BuildResult[], output: string | undefined): string {
  if (!results.some(imageIn)) return "nothing was built";
  return output === undefined
    ? "the images are on this machine alone (--push publishes them)"
    : `the images are in ${output}`;
}

/** What `--format json` writes. */
export const outcomeDocument = ({ plan, results, published, copies, run, logs }: Outcome): object => ({
  formatVersion: 1,
  plan: planDocument(plan),
  results: results.map(resultDocument),
  published,
  ...(copies && { copies: copies.map(copyDocument) }),
  run,
  logs,
});

function resultDocument(result: BuildResult): object {
  const image = imageIn(result);
  return {
    id: result.id,
    outcome: result.outcome,
    ...(image && { reference: image.reference, config: image.config }),
    ...(image?.manifest && { digest: image.manifest }),
    ...("seconds" in result && { seconds: result.seconds, log: result.log }),
    ...("problems" in result && { problems: result.problems.map(diagnosticDocument) }),
    ...("because" in result && { because: result.because }),
  };
}
