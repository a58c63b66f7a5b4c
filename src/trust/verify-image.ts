import type { KeyObject } from "node:crypto";
import { isFurtherTag } from "../catalogue/further-tags.ts";
import type { WithdrawnImage } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { formatReference } from "../oci/reference.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import type { Images, PublishedPlatforms } from "../published/images.ts";
import type { Registries } from "../registry/model.ts";
import { attachedStatements } from "./attached.ts";
import { checkChain } from "./check-chain.ts";
import { checkHistory } from "./check-history.ts";
import { checkStatements, notSaid, type StatementCheck } from "./check-statements.ts";
import { checkNewest, checkUniqueTag } from "./check-tags.ts";
import { compareLabels, compareTrail } from "./compare-labels.ts";
import { compareLayers } from "./compare-layers.ts";
import { configDrift } from "./drift.ts";
import { checkScienceTag, type FoundScience, findScience } from "./find-science.ts";
import { contradiction, problemsOf, unread } from "./findings.ts";
import type { ImageVerdict, TrustFindings } from "./model.ts";
import type { Past } from "./past.ts";
import type { Subject } from "./subject.ts";

export interface VerifyContext {
  readonly images: Images;
  readonly registries: Registries;
  /** Undefined where there is no git to hold labels against. */
  readonly past: Past | undefined;
  /** Where science images may lie beside the place of the image itself. */
  readonly prefixes: readonly string[];
  readonly key: KeyObject | undefined;
  /** Builds that no stable tag may be at. */
  readonly withdrawn: readonly WithdrawnImage[];
}

type CheckedImage = Omit<ImageVerdict, "reference" | "digest" | "verdict">;

/** All checks of one image, every platform of it; problems that several have are said once. Throws `FailedError`. */
export async function verifyImage(
  subject: Subject,
  published: PublishedPlatforms,
  context: VerifyContext,
): Promise<CheckedImage> {
  const [first] = published.platforms;
  if (!first) return notProven([unread("it is an index without an image that runs")]);
  const { compat } = first.crumbs;
  const [platforms, unique, { newest, doubts }, attached] = await Promise.all([
    Promise.all(published.platforms.map((each) => verifyPlatform(each, subject, context))),
    compat ? checkUniqueTag(subject, published.digest, compat, context.images) : [],
    checkNewest(subject, { digest: published.digest, crumb: compat }, context),
    statementCheck(first, subject, published, context),
  ]);
  const { problems: _, ...facts } = platforms[0] ?? { drift: [], problems: [] };
  return {
    ...facts,
    ...(newest && { newest }),
    signed: attached.signed,
    resolves: attached.resolves,
    statements: attached.statements,
    problems: distinct([...platforms.flatMap(({ problems }) => problems), ...unique, ...attached.findings]),
    doubts: [...doubts, ...attached.doubts],
  };
}

/** Of an image that could not be looked into. */
export const notProven = (problems: TrustFindings): CheckedImage => ({
  signed: "unknown",
  resolves: notSaid,
  drift: [],
  statements: [],
  problems,
  doubts: [],
});

type CheckedPlatform = Pick<CheckedImage, "science" | "compatLayers" | "drift" | "problems">;

async function verifyPlatform(
  image: PublishedImage,
  subject: Subject,
  context: VerifyContext,
): Promise<CheckedPlatform> {
  const { images, past } = context;
  const crumbs = image.crumbs;
  const prefixes = [...new Set([subject.prefix, ...context.prefixes])];
  const { found, findings } = await findScience(image, crumbs, prefixes, images);
  const [tag, chain, history] = await Promise.all([
    found ? checkScienceTag(found, images) : [],
    found ? checkChain(found.target, found.image, prefixes, images) : [],
    past ? checkHistory(image, found?.image, found?.target, crumbs, past) : [],
  ]);
  const named = await asTagged(subject, crumbs.compat, past);
  const labels = [...compareLabels(image, crumbs, named), ...(crumbs.compat ? findings : [])];
  if (!found) return { drift: [], problems: [...labels, ...history] };
  const { image: science } = found;
  return {
    ...factsOf(image, found),
    drift: configDrift(image.config, science.config),
    problems: [
      ...compareLayers(image, science),
      ...comparePlatform(image, science),
      ...compareTrail(image, science),
      ...labels,
      ...tag,
      ...chain,
      ...history,
    ],
  };
}

/** A tag that is no further one of today's definitions may be one that the definition of the image's own commit had: it stays where it was. */
async function asTagged(subject: Subject, crumb: Crumb | undefined, past: Past | undefined): Promise<Subject> {
  const { image, isFurther, reference } = subject;
  const { tag } = reference;
  if (crumb === undefined || isFurther || tag === undefined || [crumb.tag, crumb.stamp.version].includes(tag))
    return subject;
  const commit = await past?.at(crumb.stamp.commit).catch(() => undefined);
  const { version } = crumb.stamp;
  const wasFurther = commit?.catalogue.science.some(
    (layer) => layer.image === image && layer.version === version && isFurtherTag(layer, tag),
  );
  return wasFurther ? { ...subject, isFurther: true } : subject;
}

const factsOf = (image: PublishedImage, { image: science, reference }: FoundScience) => {
  const layers = science.manifest.layers.length;
  return {
    science: { reference: formatReference(reference), digest: science.digest, layers },
    compatLayers: Math.max(0, image.manifest.layers.length - layers),
  };
};

function comparePlatform({ config: own }: PublishedImage, { config: below }: PublishedImage): TrustFindings {
  if (own.os === below.os && own.architecture === below.architecture) return [];
  const message = `it is an image for ${own.os}/${own.architecture}, and its science image is for ${below.os}/${below.architecture}`;
  return [contradiction("platform-disagrees", message)];
}

/** cosign 2 puts its attestations behind a tag, which is asked for where signatures count. */
async function statementCheck(
  image: PublishedImage,
  { reference }: Subject,
  { digest }: PublishedPlatforms,
  { registries, key }: VerifyContext,
): Promise<StatementCheck> {
  try {
    const repository = registries.registryFor(reference.registry).repository(reference.repository);
    const attached = await attachedStatements(repository, digest, key !== undefined);
    return checkStatements(attached, digest, image, key);
  } catch (failure) {
    return { statements: [], signed: "unknown", resolves: notSaid, findings: [], doubts: problemsOf(failure) };
  }
}

const distinct = (problems: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(problems.map((each) => [JSON.stringify(each), each])).values(),
];
