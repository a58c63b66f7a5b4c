import type { CompatDefinition, ScienceDefinition } from "./schema.ts";

/** What a build does with a key of a definition. */
interface KeyUse {
  /** It is in the digest of what goes into the image (`inputs`); what names the image is in its tag already. */
  readonly inputs: boolean;
  /** A change of it can reach the image or its name (B13). */
  readonly reaches: boolean;
}

const builds: KeyUse = { inputs: true, reaches: true };
const names: KeyUse = { inputs: false, reaches: true };
const isNotRead: KeyUse = { inputs: false, reaches: false };

/**
 * The one list of what a build reads of a science definition. Digests that were published depend on the first column: a key that
 * comes to be read gets a column entry here and a new number of the digest (`compose/inputs.ts`).
 */
export const scienceKeys: Readonly<Record<keyof ScienceDefinition, KeyUse>> = {
  $schema: isNotRead,
  image: names,
  version: names,
  target: names,
  compat: isNotRead,
  description: isNotRead,
  args: builds,
  labels: builds,
  test: isNotRead,
  // What is in the folders is in the digest, by name.
  contexts: names,
  platforms: builds,
  secrets: names,
  retires: isNotRead,
  // Where there is an interface, they are its tags (`plan/variants.ts`).
  tags: isNotRead,
  // What an entry says is held against what it said (`plan/variants.ts`).
  variants: isNotRead,
};

/** The same of a compat definition. `includes` is in the digest as the order of the stack. */
export const compatKeys: Readonly<Record<keyof CompatDefinition, KeyUse>> = {
  $schema: isNotRead,
  includes: names,
  description: isNotRead,
  args: builds,
  test: isNotRead,
  // What an image is held to is no part of it.
  freeze: isNotRead,
  mayChange: isNotRead,
  contexts: names,
  secrets: names,
  user: builds,
  directories: builds,
};

/** The values of a layer that its digest has, by key. */
export const inputValues = <L extends object>(layer: L, keys: Readonly<Record<string, KeyUse>>): Partial<L> =>
  Object.fromEntries(Object.entries(layer).filter(([key]) => keys[key]?.inputs === true)) as Partial<L>;
