import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { digestHex } from "../oci/digest.ts";
import { parseManifest } from "../oci/manifest.ts";
import { isManifestType, oci } from "../oci/media-types.ts";
import { readBlob } from "../registry/image.ts";
import type { Repository } from "../registry/model.ts";
import { isBundle, parseBundle } from "./bundle.ts";
import { type Envelope, envelopeMediaType, parseEnvelope, payloadOf } from "./envelope.ts";
import { problemsOf } from "./findings.ts";
import { parseStatement, type Statement, statementMediaType } from "./statement.ts";

/** A statement that somebody attached to an image; without `envelope` it is not signed. */
export interface AttachedStatement {
  readonly statement: Statement;
  readonly envelope?: Envelope;
}

export interface Attached {
  readonly statements: readonly AttachedStatement[];
  /** Attachments that could not be read. They prove nothing, and whoever may push could add one. */
  readonly unreadable: readonly Diagnostic[];
}

/**
 * The statements attached to an image: by referrers (signed or not, bundles of sigstore as well) and, where `legacy` is
 * asked for, behind the tag `sha256-HEX.att` that cosign 2 writes. Other attachments are passed by.
 */
export async function attachedStatements(repository: Repository, subject: Digest, legacy: boolean): Promise<Attached> {
  const referrers = await repository.listings.referrers(subject);
  const relevant = referrers.filter(
    ({ mediaType, artifactType = "" }) => isManifestType(mediaType) && mayCarryStatements(artifactType),
  );
  const targets = [
    ...relevant.slice(0, mostReferrers).map(({ digest }) => digest),
    ...(legacy ? [attestationTag(subject)] : []),
  ];
  const found = await Promise.all(targets.map((target) => readOne(repository, target)));
  return { statements: found.flatMap((each) => each.statements), unreadable: found.flatMap((each) => each.unreadable) };
}

async function readOne(repository: Repository, target: string): Promise<Attached> {
  try {
    return { statements: await statementsIn(repository, target), unreadable: [] };
  } catch (failure) {
    const notes = problemsOf(failure).flatMap(({ message, notes: more }) => [{ message }, ...more]);
    return {
      statements: [],
      unreadable: [
        warning("attachment-unreadable", `the attachment ${target} of this image cannot be read`, { notes }),
      ],
    };
  }
}

/** https://github.com/sigstore/cosign/blob/v2.5.0/specs/ATTESTATION_SPEC.md */
const attestationTag = (subject: Digest): string => `sha256-${digestHex(subject)}.att`;

/** Who attaches more hides what matters; the registry's order is kept. */
const mostReferrers = 100;

/** Bytes. */
const largestStatement = 4 * 1024 * 1024;

/** Clients that write the index of referrers themselves, cosign among them, may give the config's type in place of the artifact's. */
const mayCarryStatements = (type: string): boolean => carriesStatements(type) || type === oci.empty || type === "";

const carriesStatements = (type: string): boolean =>
  type === statementMediaType || type === envelopeMediaType || isBundle(type);

async function statementsIn(repository: Repository, target: string): Promise<AttachedStatement[]> {
  const content = await repository.manifests.get(target);
  if (!content || !isManifestType(content.descriptor.mediaType)) return [];
  const { layers } = parseManifest(content.bytes, content.descriptor.mediaType);
  const own = layers.filter(({ mediaType }) => carriesStatements(mediaType)).slice(0, mostReferrers);
  return (await Promise.all(own.map((layer) => readStatement(repository, layer)))).flat();
}

async function readStatement(repository: Repository, layer: Descriptor): Promise<AttachedStatement[]> {
  const bytes = await readBlob(repository, layer, largestStatement);
  if (layer.mediaType === statementMediaType) return [{ statement: parseStatement(bytes) }];
  const envelope = isBundle(layer.mediaType) ? parseBundle(bytes) : parseEnvelope(bytes);
  if (envelope?.payloadType !== statementMediaType) return [];
  return [{ envelope, statement: parseStatement(payloadOf(envelope)) }];
}
