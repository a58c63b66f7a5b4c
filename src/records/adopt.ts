import { imageVersion } from "../catalogue/graph.ts";
import type { AdoptedImage, Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { relReference } from "../judge/definitions.ts";
import type { ImageVersion } from "../judge/orphans.ts";
import { parseImageTag, sciencePath } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import type { Digest } from "../oci/digest.ts";
import { isRepositoryComponent, isTag } from "../oci/reference.ts";
import { retiredVersions } from "../plan/adopted.ts";
import type { Crumb } from "../published/crumbs.ts";
import { baseDigest, topScience } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { createReader, type Reader } from "../published/reader.ts";
import type { Registries } from "../registry/model.ts";
import { pastDefinitions } from "../status/history.ts";
import { addEntry, removeEntries } from "./settings-file.ts";

interface AdoptOptions {
  readonly catalogue: Catalogue;
  readonly registries: Registries;
  /** The compat layer for its updates; what it was built with last when undefined. */
  readonly compat?: string;
  readonly signal?: AbortSignal;
}

/**
 * Records an orphan in `image-builder.json`, so that it gets interface updates although its definition is gone. Throws
 * `RefusedError` where there is nothing to adopt, `FailedError` when the registry lacks a part of it.
 */
export async function adoptImage(name: string, options: AdoptOptions): Promise<AdoptedImage> {
  const { catalogue, registries, signal } = options;
  const wanted = imageVersionOf(name);
  refuseDefined(wanted, catalogue);
  const reader = createReader(registries, signal);
  const reading = await reader.read(relReference(catalogue, wanted));
  if (reading.kind === "unreadable") throw new FailedError([reading.problem]);
  if (reading.kind === "absent") throw new FailedError([notThere(reading.reference)]);
  const science = highest(reading.image);
  const digest = await scienceDigest(reading.image, science, catalogue, reader);
  const compat = options.compat ?? (await formerCompat(wanted, reading.image, catalogue));
  const entry = { ...wanted, science: digest, target: sciencePath(science.name), compat: known(compat, catalogue) };
  await addEntry(catalogue.root, "adopted", entry);
  return entry;
}

/** Ends an adoption: the orphan stays published and gets no more updates. */
export async function endAdoption(name: string, { root, settings }: Catalogue): Promise<AdoptedImage> {
  const key = imageVersion(imageVersionOf(name));
  const at = settings.adopted.findIndex((each) => imageVersion(each) === key);
  const entry = settings.adopted[at];
  if (entry === undefined) {
    const names = settings.adopted.map(imageVersion);
    throw new RefusedError([
      error("not-adopted", `${key} is not adopted${didYouMean(key, names)}`, {
        help: names.length === 0 ? "nothing is adopted" : `adopted: ${names.join(", ")}`,
      }),
    ]);
  }
  await removeEntries(root, "adopted", [at]);
  return entry;
}

/** Reads `nist-basic:1.0`. Throws `RefusedError`. */
function imageVersionOf(name: string): ImageVersion {
  const { image = "", tag: version = "" } = parseImageTag(name) ?? {};
  if (isRepositoryComponent(image) && isTag(version) && parseUniqueTag(version) === undefined)
    return { image, version };
  throw new RefusedError([
    error("not-an-image-version", `${JSON.stringify(name)} is not an image-version`, {
      help: "write IMAGE:VERSION, as users pull it: nist-basic:1.0",
    }),
  ]);
}

function refuseDefined(wanted: ImageVersion, catalogue: Catalogue): void {
  const key = imageVersion(wanted);
  const layer = catalogue.science.find((each) => imageVersion(each) === key);
  const refuse = (message: string, help: string): never => {
    throw new RefusedError([error("not-an-orphan", `${key} ${message}`, { help })]);
  };
  if (layer) refuse("has a definition, so it needs no adoption", `${layer.directory} defines it`);
  if (catalogue.settings.adopted.some((each) => imageVersion(each) === key))
    refuse("is adopted already", "image-builder.json lists it");
  if (retiredVersions(catalogue).has(key))
    refuse("is retired: a definition gives it up on purpose", `take "${wanted.version}" out of "retires" first`);
}

const notThere = (reference: string): Diagnostic =>
  error("no-such-image", `the registry has no ${reference}`, {
    help: "image-builder status lists the orphans that it has",
  });

function highest({ reference, crumbs }: PublishedImage): Crumb {
  const crumb = topScience(crumbs);
  if (crumb) return crumb;
  throw new FailedError([
    error("no-labels", `${reference} carries no labels that name its science image`, {
      help: "write the entry into image-builder.json by hand: image, version, science (digest), target, compat",
    }),
  ]);
}

/** The labels of the original tool name no digest, but a unique tag, which never moves. */
async function scienceDigest(
  image: PublishedImage,
  science: Crumb,
  { settings }: Catalogue,
  reader: Reader,
): Promise<Digest> {
  const digest = image.crumbs.compat && baseDigest(image.crumbs.compat);
  const reference = `${settings.repo}/${sciencePath(science.name)}${digest ? `@${digest}` : `:${science.tag}`}`;
  const found = await reader.ask(
    reference,
    async ({ repository, target }) => (await repository.manifests.head(target))?.digest,
    (problem) => {
      throw new FailedError([problem]);
    },
  );
  if (found) return found;
  const help = "an interface can only be built on a science image that is there";
  throw new FailedError([
    error("no-such-image", `the registry has no ${reference}, which ${image.reference} was built on`, { help }),
  ]);
}

/** What the image was built with, else what its last definition said. */
async function formerCompat(
  { image, version }: ImageVersion,
  { crumbs }: PublishedImage,
  { root }: Catalogue,
): Promise<string> {
  const built = crumbs.compat?.layers?.at(-1);
  if (built !== undefined) return built;
  const past = (await pastDefinitions(root)).find((each) => each.image === image && each.version === version);
  return past?.compat ?? "";
}

function known(name: string, { compat }: Catalogue): string {
  const names = compat.map((each) => each.name);
  if (names.includes(name)) return name;
  const message =
    name === ""
      ? "neither labels nor history tell its compat layer"
      : `there is no compat layer "${name}" any more${didYouMean(name, names)}`;
  throw new RefusedError([error("unknown-compat", message, { help: `name one with --compat: ${names.join(", ")}` })]);
}
