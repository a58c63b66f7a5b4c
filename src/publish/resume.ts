import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { parseImageTag } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import type { Hold } from "../published/hold.ts";
import { holdsInForce } from "./holds.ts";
import { type Journal, readJournals, writeJournal } from "./journal.ts";
import { type MoveOptions, moveUnits } from "./move-tags.ts";
import { digestOf, tagPlace } from "./tags.ts";
import type { TagUnit } from "./units.ts";
import { withdrawnMoves } from "./withdrawn.ts";

interface Resumed {
  /** Runs whose stable tags were moved to the end. */
  readonly runs: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Finishes what a killed run has begun: all its images were published before it moved a tag, so that going on is as good as
 * going back, and does not build anything. Image-versions are left alone of which somebody else has moved a tag since, that were
 * rolled back, or of which a build was withdrawn.
 */
export async function resumeRuns(options: MoveOptions, repo: string): Promise<Resumed> {
  const broken = (await readJournals(options.folder)).filter((each) => each.state === "moving" && each.repo === repo);
  const warnings: Diagnostic[] = [];
  for (const journal of broken) warnings.push(...(await resumeRun(journal, options)));
  return { runs: broken.map(({ run }) => run), warnings };
}

async function resumeRun(journal: Journal, options: MoveOptions): Promise<Diagnostic[]> {
  const holds = await holdsInForce(imagesOf(journal.units), journal.repo, options.registries);
  const units = await Promise.all(
    journal.units.map(async (unit) => ({ unit, why: await whyLeft(unit, holds.get(unit.image), options) })),
  );
  await moveUnits(
    units.flatMap(({ unit, why }) => (why === undefined ? [unit] : [])),
    options,
  );
  await writeJournal(options.folder, { ...journal, state: "done" });
  return units.flatMap(({ unit, why }) => (why === undefined ? [] : [leftAlone(journal, unit, why)]));
}

const imagesOf = (units: readonly TagUnit[]) =>
  units.flatMap(({ image }) => {
    const name = parseImageTag(image);
    return name ? [{ image: name.image, version: name.tag }] : [];
  });

/** A sentence part; undefined when the unit is to be finished. */
async function whyLeft(
  unit: TagUnit,
  hold: Hold | undefined,
  { registries, withdrawn = [] }: MoveOptions,
): Promise<string | undefined> {
  const [refused] = await withdrawnMoves([unit], withdrawn, registries);
  if (refused) return refused.message;
  const now = new Map<string, Digest | undefined>();
  for (const { reference } of unit.moves) now.set(reference, await digestOf(tagPlace(registries, reference)));
  if (unit.moves.every(({ reference, to }) => now.get(reference) === to)) return undefined;
  const foreign = unit.moves.find(({ reference, from, to }) => ![from, to].includes(now.get(reference)));
  if (foreign) return `${foreign.reference} was moved since`;
  const left = new Set(hold?.tags.flatMap((each) => each.left.map(({ digest }) => digest)));
  return unit.moves.some(({ to }) => left.has(to)) ? "it was rolled back since" : undefined;
}

const leftAlone = ({ run }: Journal, { image }: TagUnit, why: string): Diagnostic =>
  warning(
    "resume-left-alone",
    `${image} is left as it is, though run ${run} broke off while it moved its tags: ${why}`,
    {
      help: `see what its tags hold: image-builder status`,
    },
  );
