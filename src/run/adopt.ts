import type { AdoptedImage } from "../catalogue/model.ts";
import { adoptImage, endAdoption } from "../records/adopt.ts";
import { everything, type Session } from "./session.ts";

export interface AdoptRequest {
  /** As users pull it: `nist-basic:1.0`. */
  readonly image: string;
  /** Compat layer for its updates; what it was built with last when undefined. */
  readonly compat?: string | undefined;
  /** Ends the adoption; needs no registry. */
  readonly undo?: boolean;
}

/** Writes the entry into `image-builder.json`, or takes it out, and returns it. */
export async function adopt(session: Session, { image, compat, undo = false }: AdoptRequest): Promise<AdoptedImage> {
  const entry = undo ? endAdoption(image, await session.catalogue()) : record(session, image, compat);
  return entry.finally(() => session.forget());
}

async function record(session: Session, image: string, compat: string | undefined): Promise<AdoptedImage> {
  const { catalogue } = await session.read(everything);
  const { signal } = session;
  return adoptImage(image, {
    catalogue,
    registries: await session.asking(),
    signal,
    ...(compat !== undefined && { compat }),
  });
}
