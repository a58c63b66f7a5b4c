import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { ImageConfig } from "../oci/config.ts";
import { type Platform, parsePlatform } from "../oci/descriptor.ts";
import type { ImageManifest } from "../oci/manifest.ts";
import { formatReference, manifestTarget, parseReferenceOrThrow, type Reference } from "../oci/reference.ts";
import { Host } from "../registry/host.ts";
import { readImage } from "../registry/image.ts";
import type { Registries } from "../registry/model.ts";
import { readCrumbs } from "./crumbs.ts";
import type { ImageReading, PublishedImage, Reading } from "./model.ts";
import { ownCrumb } from "./own-crumb.ts";

/** Asks registries about images, and gives up on a registry that does not answer, so that a thousand images do not wait for it. */
export interface Reader {
  /** Two requests; three for an index of platforms. Throws nothing: what goes wrong is in the reading. */
  read(reference: string, platform?: string): Promise<Reading>;
  /** One more request: whether the unique tag of an image's own label holds the same image. */
  withUniqueTag(reading: ImageReading): Promise<Reading>;
  /** Any other question about a reference; a failure is given to `failed`. */
  ask<T>(reference: string, question: (at: Place) => Promise<T>, failed: (problem: Diagnostic) => T): Promise<T>;
}

/** Where a reference lies. */
export interface Place {
  readonly registry: ReturnType<Registries["registryFor"]>;
  readonly repository: string;
  readonly target: string;
}

export function createReader(registries: Registries, signal?: AbortSignal): Reader {
  const hosts = new Map<string, Host>();
  const ask: Reader["ask"] = async (text, question, failed) => {
    signal?.throwIfAborted();
    const reference = parseReferenceOrThrow(text);
    const host = hosts.get(reference.registry) ?? new Host();
    hosts.set(reference.registry, host);
    const at = { registry: registries.registryFor(reference.registry), ...placeOf(reference) };
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

const placeOf = (reference: Reference) => ({ repository: reference.repository, target: manifestTarget(reference) });

async function readOne({ registry, repository, target }: Place, reference: string, platform = ""): Promise<Reading> {
  const found = await readImage(registry, repository, target, parsePlatform(platform) ?? usualPlatform);
  if (!found) return { kind: "absent", reference };
  return { kind: "image", image: publishedImage(reference, found.named.digest, found.manifest, found.config) };
}

const usualPlatform: Platform = { os: "linux", architecture: "amd64" };

function publishedImage(
  reference: string,
  digest: PublishedImage["digest"],
  manifest: ImageManifest,
  { config, created }: ImageConfig,
): PublishedImage {
  const labels = config?.Labels ?? {};
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  return { reference, digest, labels, crumbs: readCrumbs(labels), size, ...(created !== undefined && { created }) };
}

async function withUniqueTag(reading: ImageReading, ask: Reader["ask"]): Promise<Reading> {
  const tag = ownCrumb(reading.image)?.tag;
  if (tag === undefined) return reading;
  const { reference } = reading.image;
  const at = `${reference.slice(0, reference.lastIndexOf(":"))}:${tag}`;
  return ask<Reading>(
    at,
    async ({ registry, repository, target }) => {
      const found = await registry.headManifest(repository, target);
      return { ...reading, unique: { tag, ...(found && { digest: found.digest }) } };
    },
    (problem) => ({ kind: "unreadable", reference, problem }),
  );
}

const unreadable = (cause: FailedError, reference: Reference): Diagnostic => {
  const [first] = cause.diagnostics;
  return error("unreadable-image", `${formatReference(reference)} cannot be read: ${first?.message ?? cause.message}`, {
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
