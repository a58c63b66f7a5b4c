import { createPublicKey, type KeyObject } from "node:crypto";
import type { Examined } from "../freeze/model.ts";
import { resolvesAnnotation, standardLabel } from "../naming/labels.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import { formatReference, parseReferenceOrThrow } from "../oci/reference.ts";
import { buildName } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { Images } from "../published/images.ts";
import { verdictType } from "../published/published-at.ts";
import { RegistryFailure } from "../registry/failures.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries, Repository } from "../registry/model.ts";
import { type AttachedTo, type Attachment, attach, notAttached } from "./attach.ts";
import { type AttachedStatement, attachedStatements } from "./attached.ts";
import { bundleAnnotations, bundleMediaType, writeBundle } from "./bundle.ts";
import { compareLabels, compareTrail } from "./compare-labels.ts";
import { compareLayers } from "./compare-layers.ts";
import { configDrift } from "./drift.ts";
import { isSignedBy, signEnvelope } from "./envelope.ts";
import { type FoundScience, findScience } from "./find-science.ts";
import { problemsOf, unread, weigh } from "./findings.ts";
import type { ScienceVerdict, TrustFindings } from "./model.ts";
import {
  builderId,
  resolvesPredicate,
  statementMediaType,
  type VerdictPredicate,
  verdictStatement,
} from "./statement.ts";
import { type Subject, splitRelease } from "./subject.ts";

interface AttestOptions {
  readonly registries: Registries;
  /** Prefixes below which science images may lie: where was published to, and the home repository. */
  readonly prefixes: readonly string[];
  /** ECDSA on P-256; the statement is not signed when undefined. */
  readonly key?: KeyObject | undefined;
  /** Seconds since the epoch. */
  readonly time: number;
  /** For what was published at another time than `time`: it says when in its labels, and gets nothing unless it is proven. */
  readonly afterwards?: boolean;
  /** Whether an image was not there before this run, so that nothing is attached to it yet; asked of each where undefined. */
  readonly isNew?: (repository: Repository, digest: Digest) => Promise<boolean>;
}

/** A final image that is published: a whole reference, as its unique tag, and the digest of what is there. */
interface ToAttest {
  readonly unique: string;
  readonly digest: Digest;
  /** What the run that made it has found out about it. */
  readonly examined?: Examined;
}

/** What became of one published image. */
export interface Attested {
  readonly unique: string;
  readonly verdict: ScienceVerdict;
  /** Why the verdict is not `untouched`, or why no statement could be attached. */
  readonly problems: TrustFindings;
}

/**
 * Holds every final image of these against its science image, and attaches the verdict to it as an in-toto
 * statement, signed when there is a key. Images outside `rel/` are passed by, and one that has such a statement keeps it.
 * A failure concerns its own image alone and is returned, since the image is published by now.
 */
export async function attestPublished(
  published: readonly ToAttest[],
  options: AttestOptions,
): Promise<readonly Attested[]> {
  const images = new Images(options.registries);
  const finals = published.flatMap(({ unique, digest, examined }) => {
    const subject = splitRelease({ ...parseReferenceOrThrow(unique), digest });
    return subject ? [{ unique, subject, examined }] : [];
  });
  const attested = await mapBounded(finals, 16, async ({ unique, subject, examined }): Promise<WithAttachment> => {
    try {
      return { unique, ...(await attestOne(subject, images, options, examined)) };
    } catch (failure) {
      return failed(unique, failure);
    }
  });
  return readBack(attested);
}

interface WithAttachment extends Attested {
  readonly attached?: AttachedTo;
}

const failed = (unique: string, failure: unknown): Attested => ({
  unique,
  verdict: "unknown",
  problems: problemsOf(failure),
});

/** One of them tells whether the registry keeps what it takes; where it does not, each of them is looked for. */
async function readBack(all: readonly WithAttachment[]): Promise<readonly Attested[]> {
  const last = all.findLast(({ attached }) => attached !== undefined);
  const isKept = last === undefined || (await confirmed(last)) === last;
  return isKept ? all : mapBounded(all, 16, confirmed);
}

async function confirmed(one: WithAttachment): Promise<Attested> {
  if (one.attached === undefined) return one;
  try {
    const problem = await notAttached(one.attached);
    return problem ? { ...one, verdict: "unknown", problems: [problem] } : one;
  } catch {
    // Who does not list what is attached may have it all the same.
    return one;
  }
}

async function attestOne(
  subject: Subject,
  images: Images,
  options: AttestOptions,
  examined: Examined | undefined,
): Promise<Omit<WithAttachment, "unique">> {
  const published = await images.published(subject.reference);
  const [image] = published?.platforms ?? [];
  if (!image) return { verdict: "unknown", problems: [unread("there is no such image to attach a verdict to")] };
  const prefixes = [...new Set([subject.prefix, ...options.prefixes])];
  const { found, problems } = await judge(image, subject, images, prefixes);
  const verdict = weigh(problems);
  if (options.afterwards && verdict !== "untouched") return { verdict, problems };
  const resolves = resolvesPredicate(examined);
  const predicate = found && { ...predicateOf(image, found, verdict, options), ...(resolves && { resolves }) };
  const attached = predicate && (await attachVerdict(image, subject, predicate, options));
  return { verdict, problems, ...(attached && { attached }) };
}

/** Undefined where the image has one already. */
async function attachVerdict(
  { named }: PublishedImage,
  { reference }: Subject,
  predicate: VerdictPredicate,
  options: AttestOptions,
): Promise<AttachedTo | undefined> {
  const { registry: host, repository } = reference;
  const registry = options.registries.registryFor(host);
  const isNew = (await options.isNew?.(registry.repository(repository), named.digest)) ?? false;
  if (!isNew && (await isAttested(registry.repository(repository), named.digest, options))) return undefined;
  const statement = verdictStatement(`${host}/${repository}`, named.digest, predicate);
  const attachment = attachmentOf(statement, predicate, options);
  const { artifactType: _, ...put } = await attach(registry, repository, named, attachment, isNew);
  const stored = { ...put, artifactType: attachment.mediaType };
  return { repository: registry.repository(repository), subject: named.digest, stored };
}

/** Whether a statement of ours is there. Where the registry does not say, one more does no harm to what is published. */
async function isAttested(
  repository: Repository,
  digest: Digest,
  { key, afterwards }: AttestOptions,
): Promise<boolean> {
  const isOurs = ({ envelope, statement }: AttachedStatement): boolean =>
    statement.predicateType === verdictType &&
    statement.subjects.includes(digestHex(digest)) &&
    (key === undefined || (envelope !== undefined && isSignedBy(envelope, createPublicKey(key))));
  try {
    return (await attachedStatements(repository, digest, false)).statements.some(isOurs);
  } catch (failure) {
    if (afterwards || !(failure instanceof RegistryFailure) || failure.status === undefined) throw failure;
    return false;
  }
}

/** What can be said at the moment of publishing: labels are held against git by `verify`, later and by somebody else. */
async function judge(image: PublishedImage, subject: Subject, images: Images, prefixes: readonly string[]) {
  const crumbs = image.crumbs;
  const { found, findings } = await findScience(image, crumbs, prefixes, images);
  const compared = found ? [...compareLayers(image, found.image), ...compareTrail(image, found.image)] : [];
  return { found, problems: [...compareLabels(image, crumbs, subject), ...findings, ...compared] };
}

function predicateOf(
  image: PublishedImage,
  { image: science, reference }: FoundScience,
  verdict: ScienceVerdict,
  { time, afterwards }: AttestOptions,
): VerdictPredicate {
  const below = science.config.rootfs.diff_ids;
  const compat = image.crumbs.compat;
  return {
    verdict,
    image: compat ? buildName(compat) : "",
    science: { reference: formatReference(reference), digest: science.digest, layers: below },
    interface: {
      layers: image.config.rootfs.diff_ids.slice(below.length),
      drift: configDrift(image.config, science.config),
    },
    builder: { id: builderId },
    publishedAt: rfc3339(afterwards ? (compat?.built ?? time) : time),
  };
}

function attachmentOf(statement: Buffer, { resolves }: VerdictPredicate, { key, time }: AttestOptions): Attachment {
  const bundle = bundleAnnotations(verdictType, rfc3339(time));
  const stated = resolves && { [resolvesAnnotation]: resolves.verdict };
  if (key)
    return {
      mediaType: bundleMediaType,
      bytes: writeBundle(signEnvelope(statementMediaType, statement, key)),
      annotations: { ...bundle, ...stated },
    };
  const { [standardLabel("created")]: created = "" } = bundle;
  return {
    mediaType: statementMediaType,
    bytes: statement,
    annotations: { "in-toto.io/predicate-type": verdictType, [standardLabel("created")]: created, ...stated },
  };
}

const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/\.000Z$/, "Z");
