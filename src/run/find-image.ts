import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { imagePlatform } from "../oci/platform.ts";
import { manifestTarget, parseReferenceOrThrow } from "../oci/reference.ts";
import { type RemoteImage, readImage } from "../registry/image.ts";
import type { Registries, Registry } from "../registry/model.ts";
import { resolveName } from "../trail/resolve-name.ts";
import { isNoCatalogue, type Session } from "./session.ts";

/** An image and where it is. */
interface PlacedImage {
  readonly image: RemoteImage;
  readonly registry: Registry;
  readonly repository: string;
}

/** The whole reference that a name means. Whole references can be asked for where there is no catalogue. Throws `RefusedError`. */
export async function wholeReference(session: Session, name: string): Promise<string> {
  try {
    return resolveName(await session.catalogue(), name);
  } catch (failure) {
    if (name.includes("/") && isNoCatalogue(failure)) return name;
    throw failure;
  }
}

/** Undefined when there is no such image. */
export async function placedImage(registries: Registries, reference: string): Promise<PlacedImage | undefined> {
  const parsed = parseReferenceOrThrow(reference);
  const registry = registries.registryFor(parsed.registry);
  const { repository } = parsed;
  const image = await readImage(registry.repository(repository), manifestTarget(parsed), imagePlatform);
  return image && { image, registry, repository };
}

export const noImage = (reference: string): FailedError =>
  new FailedError([
    error("no-image", `there is no image ${reference}`, {
      help: "check the name, and that you are logged in to the registry",
    }),
  ]);
