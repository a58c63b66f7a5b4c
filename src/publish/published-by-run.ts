import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { parseLayerPath } from "../naming/layer-name.ts";
import { imagePlatform } from "../oci/platform.ts";
import { readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { readJournals } from "./journal.ts";
import { tagPlace } from "./tags.ts";

interface RunOptions {
  readonly repo: string;
  /** Where journals are kept. */
  readonly folder: string;
  readonly registries: Registries;
}

/** The users' images that a run of this clone published, as `nist-basic:1.0-42-f90dbd6`. Throws `RefusedError` where there are none. */
export async function publishedByRun(run: string, { repo, folder, registries }: RunOptions): Promise<string[]> {
  const journals = (await readJournals(folder)).filter((each) => each.repo === repo);
  const journal = journals.find((each) => each.run === run);
  if (journal === undefined)
    throw new RefusedError([
      unknownRun(
        run,
        journals.map((each) => each.run),
      ),
    ]);
  const builds: string[] = [];
  for (const { reference, to } of journal.units.flatMap(({ moves }) => moves)) {
    const { repository } = tagPlace(registries, reference);
    if (parseLayerPath(repository.path)?.kind !== "rel") continue;
    const image = await readPublishedImage({ repository, target: to }, reference, imagePlatform);
    const crumb = image?.crumbs.compat;
    if (crumb) builds.push(`${crumb.name}:${crumb.tag}`);
  }
  if (builds.length === 0) throw new RefusedError([nothingPublished(run)]);
  return builds;
}

const unknownRun = (run: string, known: readonly string[]) =>
  error("unknown-run", `${JSON.stringify(run)} is no run of this clone that published anything`, {
    notes: known.slice(-5).map((each) => ({ message: each })),
    help: "write IMAGE:TAG, or the name that a run printed at its end",
  });

const nothingPublished = (run: string) =>
  error("nothing-published", `the run ${run} published no image that users pull`, { help: "write IMAGE:TAG" });
