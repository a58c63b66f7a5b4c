import { createFactsCache, type FactsCache } from "../contents/cache.ts";
import { isRead } from "../contents/merge.ts";
import { obtainFacts } from "../contents/obtain.ts";
import { plainIndex } from "../contents/read-layer.ts";
import { attachFacts } from "../contents/referrer.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { cacheDirectory } from "../files/cache.ts";
import { scienceName } from "../naming/layer-name.ts";
import { formatReference } from "../oci/reference.ts";
import type { Registries } from "../registry/model.ts";
import { allSubjects } from "../trust/subjects.ts";
import { layerProblems } from "./contents.ts";
import { noImage, placedImage, wholeReference } from "./find-image.ts";
import type { Session } from "./session.ts";
import type { ImageNames } from "./subjects.ts";

export interface AttachedContents {
  readonly reference: string;
  /** `there`: it had them already. */
  readonly state: "attached" | "there" | "failed";
  readonly problems: readonly Diagnostic[];
}

interface AttachAnswer {
  readonly images: readonly AttachedContents[];
  /** Lists of tags that could not be read, so that there may be more images. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Attaches to published images what is known of their layers, reading the layers of which nothing is known. `all`: every science
 * image and every stable tag of the catalogue that is published. One after the other: layers are large.
 */
export async function attachContents(session: Session, names: ImageNames): Promise<AttachAnswer> {
  const registries = await session.moving();
  const cache = createFactsCache(cacheDirectory(session.environment));
  const { references, problems } = await referencesOf(session, names, registries);
  const images: AttachedContents[] = [];
  for (const reference of references) {
    session.signal.throwIfAborted();
    const attached = await attachTo(reference, registries, cache, names === "all");
    if (attached) images.push(attached);
  }
  return { images, problems };
}

async function referencesOf(session: Session, names: ImageNames, registries: Registries) {
  if (names !== "all")
    return { references: await Promise.all(names.map((name) => wholeReference(session, name))), problems: [] };
  const catalogue = await session.catalogue();
  const { subjects, problems } = await allSubjects(catalogue, registries);
  const science = catalogue.science.map((each) => `${catalogue.settings.repo}/${scienceName(each)}`);
  return { references: [...science, ...subjects.map(({ reference }) => formatReference(reference))], problems };
}

/** Undefined for an image that nobody named and that is not published. */
async function attachTo(
  reference: string,
  registries: Registries,
  cache: FactsCache,
  mayBeMissing: boolean,
): Promise<AttachedContents | undefined> {
  try {
    const placed = await placedImage(registries, reference);
    if (!placed && mayBeMissing) return undefined;
    if (!placed) throw noImage(reference);
    const { image, registry, repository } = placed;
    const { layers, attached } = await obtainFacts(registry, repository, image, cache, true);
    if (attached) return { reference, state: "there", problems: [] };
    const facts = layers.filter(isRead);
    if (facts.length < layers.length) return { reference, state: "failed", problems: layerProblems(reference, layers) };
    await attachFacts(registry, repository, image.descriptor, { index: await plainIndex(facts), facts });
    return { reference, state: "attached", problems: [] };
  } catch (cause) {
    if (!(cause instanceof FailedError)) throw cause;
    return { reference, state: "failed", problems: cause.diagnostics };
  }
}
