import type { Catalogue } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import type { ChangeSet } from "../changes/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { catalogueFiles, differencesBetween } from "../git/differences.ts";
import { objectHashes } from "../git/objects.ts";
import { type Definitions, definitionsOf } from "../judge/definitions.ts";
import { disagreements } from "../judge/disagreements.ts";
import type { ImageStatus } from "../judge/image-status.ts";
import type { Published } from "../judge/model.ts";
import { notPublished } from "../judge/not-published.ts";
import { listedOrphans, lostVersions, orphanWarnings } from "../judge/orphans.ts";
import { groupProblems, labelProblems } from "../judge/problems.ts";
import { gitQuestions } from "../judge/questions.ts";
import { type Refreshes, refreshesOf } from "../judge/refreshes.ts";
import { imageStatuses } from "../judge/status.ts";
import type { Reason } from "../plan/model.ts";
import { holdsInForce } from "../publish/holds.ts";
import { hasHold } from "../published/hold.ts";
import { createReader, type Reader } from "../published/reader.ts";
import type { Registries } from "../registry/model.ts";
import { tagsOutOfPlace } from "./further.ts";
import { askGit, foldersAbove } from "./git-facts.ts";
import { pastDefinitions } from "./history.ts";
import { todaysInputs } from "./inputs.ts";
import { problemsOf, publishedOnes, readFinals, readPublished, readScienceTags, readTags } from "./read-published.ts";
import { withUnreached } from "./unreached.ts";

/** What a survey of the registry starts from. */
export interface SurveyOptions {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
  readonly registries: Registries;
  readonly signal?: AbortSignal;
}

/** What `--since published` knows (B31). */
interface PublishedSurvey {
  /** By id of the build; for `PlanOptions.notPublished`. */
  readonly notPublished: ReadonlyMap<string, readonly Reason[]>;
  readonly refreshes: Refreshes;
  /** Disagreements of git and the registry, and orphans; not of builds that are left out on purpose, by id. */
  readonly warningsWithout: (left: ReadonlySet<string>) => readonly Diagnostic[];
  /** Images that could not be read, so that nothing is known of them. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads what the registry holds of every layer and image-version and holds it against today's definitions (B31); one request more for
 * each further tag of images that are current.
 */
export async function surveyPublished(options: SurveyOptions): Promise<PublishedSurvey> {
  const { catalogue, changes } = options;
  const definitions = definitionsOf(catalogue);
  const reader = createReader(options.registries, options.signal);
  const [published, today, lately, orphans] = await Promise.all([
    readPublished(definitions, reader),
    todaysInputs(catalogue, changes, options.signal),
    changedLately(options),
    lostOnes(definitions, reader),
  ]);
  const git = await askGit(catalogue, changes, gitQuestions(definitions, published, today));
  const evidence = await withUnreached({ definitions, published, today, git }, changes);
  const judged = notPublished(evidence);
  const reasons = new Map([...judged, ...(await tagsOutOfPlace(definitions, published, judged, reader))]);
  const warningsWithout = (left: ReadonlySet<string>): Diagnostic[] => {
    const planned = new Map([...reasons].filter(([id]) => !left.has(id)));
    return [...disagreements(evidence, planned, lately), ...orphanWarnings(definitions, orphans)];
  };
  const refreshes = refreshesOf(definitions, published);
  return { notPublished: reasons, refreshes, warningsWithout, problems: published.problems };
}

const lostOnes = async (definitions: Definitions, reader: Reader) =>
  publishedOnes(definitions, reader, lostVersions(definitions, await pastDefinitions(definitions.catalogue.root)));

/** Directories that the last commit or the working tree changed; undefined when there is no commit before. */
async function changedLately({ catalogue, changes }: SurveyOptions): Promise<Set<string> | undefined> {
  const { root, science, compat } = catalogue;
  const [parent] = await objectHashes(root, ["HEAD^"]);
  if (parent === undefined) return undefined;
  const shared = [...science, ...compat].flatMap((each) => (each.contexts === undefined ? [] : foldersOf(each)));
  const paths = [...new Set([...catalogueFiles, ...shared])];
  const files = [...(await differencesBetween(root, "HEAD^", "HEAD", paths)), ...changes.files];
  return new Set(files.flatMap(({ path }) => foldersAbove(path)));
}

/** Every image-version with its state, and a line for each that could not be told. */
export interface StatusSurvey {
  readonly statuses: readonly ImageStatus[];
  readonly problems: readonly Diagnostic[];
}

/** Three requests for each image-version and one for each repository's list of tags; reads no science image. */
export async function surveyStatus(options: SurveyOptions): Promise<StatusSurvey> {
  const { catalogue, changes } = options;
  const definitions = definitionsOf(catalogue);
  const reader = createReader(options.registries, options.signal);
  const [read, sci, today, lists] = await Promise.all([
    readFinals(definitions, reader, false),
    readScienceTags(definitions, reader),
    todaysInputs(catalogue, changes, options.signal),
    readLists(definitions, reader),
  ]);
  const orphans = listedOrphans(definitions, lists);
  const rel = new Map([
    ...read,
    ...(await readFinals({ ...definitions, finals: new Map(), adopted: orphans }, reader, false)),
  ]);
  const published: Published = { rel, sci, tags: lists.tags, problems: [] };
  const git = await askGit(catalogue, changes, gitQuestions(definitions, published, today));
  const evidence = await withUnreached({ definitions, published, today, git, orphans }, changes);
  const holds = await holdsInForce(
    rolledBackOnce(definitions, lists.tags),
    catalogue.settings.repo,
    options.registries,
  );
  const statuses = imageStatuses({ ...evidence, holds });
  return {
    statuses,
    problems: [
      ...groupProblems([...problemsOf(rel.values()), ...problemsOf(sci.values()), ...lists.problems]),
      ...labelProblems(statuses, published),
    ],
  };
}

/** A list of tags shows which image-versions have a note of a rollback; only those are asked about. */
const rolledBackOnce = ({ finals }: Definitions, tags: Published["tags"]) =>
  [...finals.values()].filter(({ image, version }) => hasHold(tags.get(image) ?? [], version));

/** Of the repositories of all images that are, or in the past were, defined. */
async function readLists(definitions: Definitions, reader: Reader) {
  const { finals, catalogue } = definitions;
  const past = lostVersions(definitions, await pastDefinitions(catalogue.root));
  const { adopted, withdrawn } = catalogue.settings;
  const images = [...finals.values(), ...past.values(), ...adopted, ...withdrawn].map(({ image }) => image);
  return readTags(definitions, reader, images);
}
