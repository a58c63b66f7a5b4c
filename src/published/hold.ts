import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { digestSchema } from "../oci/descriptor.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import { emptyBlob, emptyConfig } from "../oci/empty.ts";
import { parseManifest } from "../oci/manifest.ts";
import { oci } from "../oci/media-types.ts";
import { isTag } from "../oci/reference.ts";
import { documentLimit, parseDocument } from "../oci/untrusted.ts";
import { readBlob } from "../registry/image.ts";
import type { Repository } from "../registry/model.ts";
import type { BuildMark } from "./build-mark.ts";

/**
 * That an image-version was rolled back, as the registry keeps it beside its stable tag (B36): a fresh clone sees it. A tag is
 * held as long as it points to where the rollback put it; once it has moved on, the hold on it is over.
 */
export interface Hold {
  /** `nist-basic:1.0` */
  readonly image: string;
  /** RFC 3339. */
  readonly since: string;
  /** `released`: it was ended, and is kept as a note of that. */
  readonly state: "held" | "released";
  /** The users' tag first. */
  readonly tags: readonly HeldTag[];
}

export interface HeldTag {
  /** Path of its repository below the catalogue's: `rel/nist-basic`. */
  readonly path: string;
  readonly to: BuildMark;
  /** Builds that the rollback, and those before it, went away from. */
  readonly left: readonly BuildMark[];
}

/**
 * Whether a definition is of a build that was left, by the digest of its inputs. A build that does not say what it was made from, as
 * those of the original tool, is held until it is released.
 */
export const isOfLeft = ({ left }: HeldTag, inputs: Digest | undefined): boolean =>
  left.some((each) => each.inputs === undefined || each.inputs === inputs);

/** Beside the stable tag `1.0`: `_hold.1.0`. No platform offers it to users, who look for versions. */
export const holdTag = (version: string): string => `_hold.${version}`;

export const isHoldTag = (tag: string): boolean => tag.startsWith(holdTag(""));

/** The image-version of which a repository's list of tags says that it was once rolled back. */
export const hasHold = (tags: readonly string[], version: string): boolean => tags.includes(holdTag(version));

const holdType = "application/vnd.sciserver.image-builder.hold.v1+json";

/** One request where there is none, two where there is. `users`: the repository of the users' image. Throws `FailedError`. */
export async function readHold(users: Repository, version: string): Promise<Hold | undefined> {
  const content = await users.manifests.get(holdTag(version));
  if (!content) return undefined;
  const manifest = parseManifest(content.bytes, content.descriptor.mediaType);
  const [layer] = manifest.layers;
  if (layer === undefined || layer.mediaType !== holdType) return undefined;
  return parseDocument(holdSchema, await readBlob(users, layer, documentLimit), "the note of a rollback");
}

/**
 * An artifact of its own, which has no subject: it belongs to the tag and not to an image
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).
 */
export async function writeHold(users: Repository, version: string, hold: Hold): Promise<void> {
  const tag = holdTag(version);
  if (!isTag(tag)) throw new RefusedError([tooLong(version)]);
  const bytes = canonicalJson(hold);
  const layer = { mediaType: holdType, digest: sha256Digest(bytes), size: bytes.length };
  await Promise.all([users.blobs.put(layer, bytes), users.blobs.put(emptyConfig, emptyBlob)]);
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: holdType,
    config: emptyConfig,
    layers: [layer],
  });
  const stored = await users.manifests.put(tag, oci.manifest, manifest);
  if ((await users.manifests.head(tag))?.digest === stored.digest) return;
  throw new FailedError([notStored(`${users.host}/${users.path}:${tag}`)]);
}

const notStored = (reference: string) =>
  error("not-stored", `the registry took ${reference} and does not have it`, {
    help: "without that note nothing would hold a rollback; ask whoever runs the registry",
  });

const tooLong = (version: string) =>
  error("long-version", `the version ${version} is too long for the note that a rollback leaves beside its tag`, {
    help: "give the definition a shorter version",
  });

const markSchema = z.object({ digest: digestSchema, tag: z.string().optional(), inputs: digestSchema.optional() });

const holdSchema = z.object({
  image: z.string(),
  since: z.string(),
  state: z.enum(["held", "released"]),
  tags: z.array(z.object({ path: z.string(), to: markSchema, left: z.array(markSchema).max(1000) })).max(100),
});
