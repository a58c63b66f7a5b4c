import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import type { Registries } from "../registry/model.ts";
import { type Journal, readJournals, writeJournal } from "./journal.ts";
import { type MoveOptions, moveUnits } from "./move-tags.ts";
import { digestOf, tagPlace } from "./tags.ts";
import type { TagUnit } from "./units.ts";

interface Resumed {
  /** Runs whose stable tags were moved to the end. */
  readonly runs: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Finishes what a killed run has begun: all its images were published before it moved a tag, so that going on is as good as
 * going back, and does not build anything. Image-versions of which somebody else has moved a tag since are left alone.
 */
export async function resumeRuns(options: MoveOptions): Promise<Resumed> {
  const broken = (await readJournals(options.folder)).filter(({ state }) => state === "moving");
  const warnings: Diagnostic[] = [];
  for (const journal of broken) warnings.push(...(await resumeRun(journal, options)));
  return { runs: broken.map(({ run }) => run), warnings };
}

async function resumeRun(journal: Journal, options: MoveOptions): Promise<Diagnostic[]> {
  const units = await Promise.all(
    journal.units.map(async (unit) => ({ unit, foreign: await foreignTag(unit, options.registries) })),
  );
  await moveUnits(
    units.flatMap(({ unit, foreign }) => (foreign === undefined ? [unit] : [])),
    options,
  );
  await writeJournal(options.folder, { ...journal, state: "done" });
  return units.flatMap(({ unit, foreign }) => (foreign === undefined ? [] : [leftAlone(journal, unit, foreign)]));
}

/** A tag that points neither to where it did nor to where it was to. */
async function foreignTag({ moves }: TagUnit, registries: Registries): Promise<string | undefined> {
  for (const { reference, from, to } of moves) {
    const now = await digestOf(tagPlace(registries, reference));
    if (now !== from && now !== to) return reference;
  }
  return undefined;
}

const leftAlone = ({ run }: Journal, { image }: TagUnit, reference: string): Diagnostic =>
  warning("resume-left-alone", `${image} is left as it is: ${reference} was moved since run ${run} broke off`);
