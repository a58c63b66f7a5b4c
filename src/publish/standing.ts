import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Ancestry } from "../git/ancestry.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { commitOf } from "../published/build-mark.ts";
import { ownCrumb } from "../published/crumbs.ts";
import { type NamedImage, namedByManifest, type PublishedImage, readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { digestOf, tagPlace } from "./tags.ts";

/** What a stable tag points to at a moment. */
export interface Standing {
  readonly digest: Digest;
  /** As its manifest says it, or else its configuration; undefined where there is nothing for this platform. */
  readonly image?: NamedImage;
}

/** One request, two or three where the manifest does not name its build. Undefined where there is no such tag. */
export async function standingAt(reference: string, registries: Registries): Promise<Standing | undefined> {
  const place = tagPlace(registries, reference);
  const content = await place.repository.manifests.get(place.target).catch(asUnreadable);
  if (content === undefined) return undefined;
  if (content === "unreadable") return wholeAt(reference, registries);
  const named = namedByManifest(reference, content);
  return named ? { digest: named.digest, image: named } : wholeAt(reference, registries, content.descriptor.digest);
}

/** The same by the configuration, which says everything: two requests, three for an index. `at`: where the tag is known to point. */
export async function wholeAt(
  reference: string,
  registries: Registries,
  at?: Digest,
): Promise<(Standing & { readonly image?: PublishedImage }) | undefined> {
  const place = tagPlace(registries, reference);
  const target = at ?? place.target;
  const image = await readPublishedImage({ ...place, target }, reference, imagePlatform).catch(asUnreadable);
  if (image !== "unreadable") return image && { digest: image.digest, image };
  // Of another platform, or nothing that could be read: where the tag points to is known all the same.
  const digest = await digestOf(place);
  return digest === undefined ? undefined : { digest };
}

function asUnreadable(cause: unknown): "unreadable" {
  if (cause instanceof FailedError) return "unreadable";
  throw cause;
}

/** The build that a run would put under a stable tag, as messages name it. */
interface NewBuild {
  /** `nist-basic:1.0` */
  readonly image: string;
  /** Reference with the stable tag. */
  readonly reference: string;
  /** The unique tag. */
  readonly tag: string;
  /** Full hash. */
  readonly commit: string;
}

/** How commits, abbreviated or not, lie to the one that is published. */
export type Ancestries = (commits: Iterable<string>) => Promise<ReadonlyMap<string, Ancestry>>;

/**
 * Why a stable tag may not go from the build that it points to now to a new one (B35): it would go backwards, or nobody can tell.
 * Undefined when it goes forward.
 */
export async function whyNotForward(
  next: NewBuild,
  { image }: Standing,
  ancestries: Ancestries,
): Promise<Diagnostic | undefined> {
  const commit = image && commitOf(image);
  const lies = commit === undefined ? "unknown" : ((await ancestries([commit])).get(commit) ?? "unknown");
  if (lies === "reached") return undefined;
  const { code, message, help } = wording(next, commit)[lies];
  const held = image && ownCrumb(image.reference, image.crumbs)?.tag;
  return error(code, message, {
    notes: [
      { message: `it holds ${held ?? "an image that does not say which build it is"}${ofCommit(commit)}` },
      { message: `this is ${next.tag}${ofCommit(next.commit)}` },
    ],
    help: `${help}; --allow-older ${next.image} puts this build there all the same`,
  });
}

const ofCommit = (commit: string | undefined): string => (commit === undefined ? "" : `, of commit ${commit}`);

const wording = (
  { reference }: NewBuild,
  commit: string | undefined,
): Record<Exclude<Ancestry, "reached">, { code: string; message: string; help: string }> => ({
  newer: {
    code: "older-commit",
    message: `${reference} holds a build of a newer commit than this one, and a stable tag only goes forward`,
    help: "publish the newest commit",
  },
  diverged: {
    code: "diverged-commit",
    message: `${reference} holds a build of a commit that is not part of this one's history, and would lose what that has`,
    help: "merge that commit, and publish the merge",
  },
  unknown: {
    code: "unknown-commit",
    message: `${reference} holds ${commit === undefined ? "an image that names no commit" : "a build of a commit that this clone does not know"}, so whether this one is newer cannot be told`,
    help: commit === undefined ? "see what it is" : "git fetch may bring it",
  },
});
