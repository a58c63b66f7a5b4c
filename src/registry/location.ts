import { manifestTarget, type Reference } from "../oci/reference.ts";
import type { Registries, Repository } from "./model.ts";

/** Where a reference lies. */
export interface Location {
  readonly repository: Repository;
  /** Tag or digest. */
  readonly target: string;
}

export const locate = (registries: Pick<Registries, "registryFor">, reference: Reference): Location => ({
  repository: registries.registryFor(reference.registry).repository(reference.repository),
  target: manifestTarget(reference),
});
