import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import type { Environment } from "../engines/processes.ts";
import type { PublishedImage } from "../publish/publish-stable.ts";
import type { Registries } from "../registry/model.ts";
import { attestPublished } from "../trust/attest.ts";
import { passphraseVariable, readSigningKey } from "../trust/keys.ts";

export interface Attesting {
  readonly registries: Registries;
  readonly prefixes: readonly string[];
  /** PEM file of a signing key; statements are not signed without. */
  readonly key?: string | undefined;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly environment: Environment;
}

/**
 * Attaches to every image that was published whether its science part is untouched. Returns what is worth a warning: the
 * images are published all the same.
 */
export async function attest(published: readonly PublishedImage[], attesting: Attesting): Promise<Diagnostic[]> {
  const key = signingKey(attesting);
  const attested = await attestPublished(published, { ...attesting, key });
  return attested
    .filter(({ verdict }) => verdict !== "untouched")
    .map(({ unique, verdict, problems }) =>
      warning("verdict", `${unique} is published, and its verdict is "${verdict}"`, {
        notes: problems.map(({ message }) => ({ message })),
        help: `image-builder verify ${unique}`,
      }),
    );
}

/** Throws `RefusedError` for a key that cannot be used; call it before anything is built. */
export const signingKey = ({ key, environment }: Pick<Attesting, "key" | "environment">) =>
  key === undefined ? undefined : readSigningKey(key, environment[passphraseVariable]);
