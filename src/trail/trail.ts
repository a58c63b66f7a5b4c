import { layerBuilt } from "../catalogue/graph.ts";
import type { Catalogue, WithdrawnImage } from "../catalogue/model.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { type CommitFacts, type CommitWithFiles, commitsSince, describeCommits } from "../git/commits.ts";
import { compatDefinition, type Definitions, definitionsOf, scienceDefinition } from "../judge/definitions.ts";
import { type Definition, judgeCrumb } from "../judge/judge.ts";
import type { GitFacts, Judgement } from "../judge/model.ts";
import { badLabels } from "../judge/problems.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { createReader } from "../published/reader.ts";
import type { Registries } from "../registry/model.ts";
import { askGit } from "../status/git-facts.ts";
import { todaysInputs } from "../status/inputs.ts";
import { readLayerSizes } from "./layer-sizes.ts";

/** An image from its base to its interface. Survives JSON. */
export interface Trail {
  readonly reference: string;
  readonly digest: string;
  /** RFC 3339. */
  readonly created?: string;
  /** Bytes, as transferred. */
  readonly size: number;
  /** What the lowest part was built on, in full with its digest; absent where the labels do not say. */
  readonly base?: { readonly reference: string; readonly size?: number };
  /** Lowest first: science layers, then the interface. */
  readonly parts: readonly TrailPart[];
  readonly withdrawn?: WithdrawnImage;
}

export interface TrailPart extends Crumb {
  /** Absent where this clone does not have the commit on the label. */
  readonly commit?: CommitFacts;
  /** Bytes that the part added; absent where its base could not be read. */
  readonly size?: number;
  /** Against the repository today; `gone` when it has no definition any more. */
  readonly today: Judgement["verdict"] | "gone";
  readonly why: string;
  /** Directories it is defined in today. */
  readonly directories: readonly string[];
  /** Since the commit it was built in, the newest first. */
  readonly commits: readonly CommitWithFiles[];
  /** Every file that these commits or the working tree changed, sorted. */
  readonly changed: readonly string[];
}

interface TrailOptions {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
  readonly registries: Registries;
  readonly signal?: AbortSignal;
}

/** Reads the trail of one image and holds it against the repository. Throws `FailedError` when it is not there or cannot be read. */
export async function readTrail(
  reference: string,
  options: TrailOptions,
): Promise<{ trail: Trail; problems: readonly Diagnostic[] }> {
  const { catalogue, changes, registries, signal } = options;
  const reader = createReader(registries, signal);
  const [reading, today] = await Promise.all([reader.read(reference), todaysInputs(catalogue, changes, signal)]);
  if (reading.kind === "unreadable") throw new FailedError([reading.problem]);
  if (reading.kind === "absent") throw new FailedError([noSuchImage(reference)]);
  const definitions = definitionsOf(catalogue);
  const { image } = reading;
  const crumbs = [...image.crumbs.science, ...(image.crumbs.compat ? [image.crumbs.compat] : [])];
  const defined = crumbs.map((crumb) => definitionFor(crumb, definitions, today));
  const [git, sizes] = await Promise.all([
    askGit(catalogue, changes, questions(crumbs, defined)),
    readLayerSizes(image, crumbs, reader),
  ]);
  const commits = await describeCommits(
    catalogue.root,
    [...git.commits.values()].flatMap((each) => each ?? []),
  );
  const parts = await Promise.all(
    crumbs.map((crumb, at) => trailPart(crumb, defined[at], { options, git, commits, size: sizes.parts[at] })),
  );
  return {
    trail: { ...facts(image, catalogue), ...withBase(crumbs[0], sizes.base), parts },
    problems: badLabels(image),
  };
}

const noSuchImage = (reference: string): Diagnostic =>
  error("no-such-image", `the registry has no ${reference}`, { help: "image-builder images lists what can be pulled" });

function definitionFor(
  crumb: Crumb,
  definitions: Definitions,
  today: Parameters<typeof scienceDefinition>[1],
): Definition | undefined {
  if (crumb.kind === "science") {
    const layer = layerBuilt(definitions.graph, { target: crumb.name, version: crumb.stamp.version });
    return layer && scienceDefinition(layer, today);
  }
  const key = `${crumb.name}:${crumb.stamp.version}`;
  const compat = definitions.finals.get(key)?.compat ?? definitions.adopted.get(key)?.compat;
  return compat === undefined ? undefined : compatDefinition(compat, definitions.stacks, today);
}

const questions = (crumbs: readonly Crumb[], defined: readonly (Definition | undefined)[]) => ({
  commits: crumbs.map(({ stamp }) => stamp.commit),
  directories: crumbs.flatMap(({ stamp }, at) =>
    (defined[at]?.directories ?? []).flatMap((directory) => [
      { commit: stamp.commit, directory },
      { commit: "HEAD", directory },
    ]),
  ),
});

interface PartWorld {
  readonly options: TrailOptions;
  readonly git: GitFacts;
  readonly commits: ReadonlyMap<string, CommitFacts>;
  readonly size: number | undefined;
}

async function trailPart(
  crumb: Crumb,
  definition: Definition | undefined,
  { options, git, commits, size }: PartWorld,
): Promise<TrailPart> {
  const { catalogue, changes } = options;
  const hash = git.commits.get(crumb.stamp.commit);
  const directories = definition?.directories ?? [];
  const since =
    hash === undefined || directories.length === 0 ? [] : await commitsSince(catalogue.root, hash, directories);
  const uncommitted = changes.files.filter(
    (each) => each.uncommitted && directories.some((directory) => each.path.startsWith(`${directory}/`)),
  );
  const files = new Set([...since.flatMap((each) => each.files), ...uncommitted.map(({ path }) => path)]);
  const judgement = definition === undefined ? undefined : judgeCrumb(crumb, definition, git);
  const facts = hash === undefined ? undefined : commits.get(hash);
  return {
    ...crumb,
    ...(facts && { commit: facts }),
    ...(size !== undefined && { size }),
    today: judgement?.verdict ?? "gone",
    why: judgement?.why ?? "the catalogue does not define it any more",
    directories,
    commits: since,
    changed: [...files].sort(),
  };
}

function facts(image: PublishedImage, { settings }: Catalogue) {
  const { reference, digest, size, crumbs } = image;
  const { created } = image.config;
  const withdrawn =
    crumbs.compat && withdrawalOf(settings, { image: crumbs.compat.name, tag: crumbs.compat.tag, digest });
  return { reference, digest, size, ...(created !== undefined && { created }), ...(withdrawn && { withdrawn }) };
}

const withBase = (lowest: Crumb | undefined, size: number | undefined): Pick<Trail, "base"> =>
  lowest?.base === undefined ? {} : { base: { reference: lowest.base, ...(size !== undefined && { size }) } };
