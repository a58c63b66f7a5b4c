import { readCrumbs } from "../lineage/crumbs.ts";
import type { Breadcrumbs, Crumb } from "../lineage/model.ts";
import type { ImageConfig } from "../oci/config.ts";
import { parseReference, type Reference } from "../oci/reference.ts";

export const compatPrefix = "org.sciserver.compat";
export const sciencePrefix = "org.sciserver.science.";

export const labelsOf = (config: ImageConfig): Readonly<Record<string, string>> => config.config?.Labels ?? {};

/** What an image says of itself. Nothing in here is trusted. */
export const breadcrumbsOf = (config: ImageConfig): Breadcrumbs => readCrumbs(labelsOf(config));

/** The base as a reference; undefined where the image says none, or none that can be read. */
export const baseOf = ({ base }: Crumb): Reference | undefined =>
  base === undefined ? undefined : parseReference(base);

/** `nist-basic:1.0-42-f90dbd6`, as the label of a compat build has it. */
export const buildName = ({ name, tag }: Crumb): string => `${name}:${tag}`;
