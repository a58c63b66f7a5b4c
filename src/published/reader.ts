import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform, parsePlatform } from "../oci/platform.ts";
import { formatReference, parseReferenceOrThrow, type Reference } from "../oci/reference.ts";
import { Host } from "../registry/host.ts";
import { type Location, locate } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";
import { ownCrumb } from "./crumbs.ts";
import { type KnownImage, type PublishedImage, readPublishedImage } from "./image.ts";

/** Asks registries about images, and gives up on a registry that does not answer, so that a thousand images do not wait for it. */
export interface Reader {
  /** Two requests; three for an index of platforms. Throws nothing: what goes wrong is in the reading. */
  read(reference: string, platform?: string): Promise<TagReading<PublishedImage>>;
  /** One more request: whether the unique tag of an image's own label holds the same image. */
  withUniqueTag(reading: ImageReading<PublishedImage>): Promise<TagReading<PublishedImage>>;
  /** Any other question about a reference; a failure is given to `failed`. */
  ask<T>(reference: string, question: (at: Location) => Promise<T>, failed: (problem: Diagnostic) => T): Promise<T>;
}

/** What a tag turned out to be. */
export type TagReading<Image extends KnownImage = KnownImage> = AbsentImage | UnreadableImage | ImageReading<Image>;

interface AbsentImage {
  readonly kind: "absent";
  readonly reference: string;
}

interface UnreadableImage {
  readonly kind: "unreadable";
  readonly reference: string;
  readonly problem: Diagnostic;
}

export interface ImageReading<Image extends KnownImage = KnownImage> {
  readonly kind: "image";
  readonly image: Image;
  readonly unique?: UniqueTagState;
}

/** Where the unique tag of the image's own label points; no digest when it is not there. Not asked when undefined. */
interface UniqueTagState {
  readonly tag: string;
  readonly digest?: Digest;
}

export function createReader(registries: Registries, signal?: AbortSignal): Reader {
  const hosts = new Map<string, Host>();
  const ask: Reader["ask"] = async (text, question, failed) => {
    signal?.throwIfAborted();
    const reference = parseReferenceOrThrow(text);
    const host = hosts.get(reference.registry) ?? new Host();
    hosts.set(reference.registry, host);
    const at = locate(registries, reference);
    try {
      return await host.ask(() => question(at));
    } catch (cause) {
      signal?.throwIfAborted();
      if (!(cause instanceof FailedError)) throw cause;
      return failed(host.down ?? unreadable(cause, reference));
    }
  };
  return {
    ask,
    read: (reference, platform) =>
      ask(
        reference,
        (at) => readOne(at, reference, platform),
        (problem) => ({ kind: "unreadable", reference, problem }),
      ),
    withUniqueTag: (reading) => withUniqueTag(reading, ask),
  };
}

async function readOne(at: Location, reference: string, platform = ""): Promise<TagReading<PublishedImage>> {
  const image = await readPublishedImage(at, reference, parsePlatform(platform) ?? imagePlatform);
  return image ? { kind: "image", image } : { kind: "absent", reference };
}

async function withUniqueTag(
  reading: ImageReading<PublishedImage>,
  ask: Reader["ask"],
): Promise<TagReading<PublishedImage>> {
  const tag = ownCrumb(reading.image.reference, reading.image.crumbs)?.tag;
  if (tag === undefined) return reading;
  const { reference } = reading.image;
  const at = `${reference.slice(0, reference.lastIndexOf(":"))}:${tag}`;
  return ask<TagReading<PublishedImage>>(
    at,
    async ({ repository, target }) => {
      const found = await repository.manifests.head(target);
      return { ...reading, unique: { tag, ...(found && { digest: found.digest }) } };
    },
    (problem) => ({ kind: "unreadable", reference, problem }),
  );
}

const unreadable = (cause: FailedError, reference: Reference): Diagnostic => {
  const [first] = cause.diagnostics;
  const code = isInfrastructure(cause.diagnostics) && first ? first.code : "unreadable-image";
  return error(code, `${formatReference(reference)} cannot be read: ${first?.message ?? cause.message}`, {
    notes: first?.notes ?? [],
    ...(first?.help !== undefined && { help: first.help }),
  });
};

/** All at once; the registry's client bounds what is under way. */
export async function sideBySide<T, V>(
  items: Iterable<T>,
  each: (item: T) => Promise<readonly [string, V]>,
): Promise<Map<string, V>> {
  return new Map(await Promise.all([...items].map(each)));
}
