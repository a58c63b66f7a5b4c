import type { KeyObject } from "node:crypto";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import type { BuildResult } from "../engines/run-model.ts";
import type { Digest } from "../oci/digest.ts";
import type { PublishedBuild } from "../publish/publish-stable.ts";
import type { Repository } from "../registry/model.ts";
import { referrersTag, type TagLists } from "../registry/tag-lists.ts";
import { attestPublished } from "../trust/attest.ts";
import { passphraseVariable, readSigningKey } from "../trust/keys.ts";
import type { BuildRequest } from "./model.ts";
import type { Outlet } from "./outlet.ts";
import type { Run } from "./provenance.ts";
import type { Session } from "./session.ts";

/** Undefined where none was named. Throws `RefusedError` for a key that cannot be used; call it before anything is built. */
export const signingKey = ({ environment }: Session, { key }: BuildRequest): KeyObject | undefined =>
  key === undefined ? undefined : readSigningKey(key, environment[passphraseVariable]);

/** Which images are of this run. */
interface Made {
  readonly results: readonly BuildResult[];
  /** Those that others have published. */
  readonly shared: ReadonlySet<Digest>;
  /** What was there before. */
  readonly lists: TagLists;
  /** What other jobs have left of builds, by id. */
  readonly found?: BuildRequest["foundOnly"];
}

/**
 * Attaches to every image that was published whether its science part is untouched. Returns what is worth a warning: the
 * images are published all the same.
 */
export async function attest(
  session: Session,
  { sources: registries }: Outlet,
  published: readonly PublishedBuild[],
  { created: time }: Run,
  key: KeyObject | undefined,
  { results, shared, lists, found }: Made,
): Promise<Diagnostic[]> {
  const { repo, home } = (await session.catalogue()).settings;
  const prefixes = [...new Set([repo, home])];
  const made = new Set(results.flatMap((each) => (each.outcome === "done" ? (each.image.manifest ?? []) : [])));
  const isNew = async (repository: Repository, digest: Digest): Promise<boolean> =>
    made.has(digest) && !shared.has(digest) && lists.lacks(repository, referrersTag(digest));
  const own = new Map(results.flatMap((each) => (each.outcome === "done" ? [[each.id, each] as const] : [])));
  const told = published.map(({ id, unique, digest }) => {
    const [here, there] = [own.get(id), found?.get(id)];
    const examined =
      here?.image.manifest === digest ? here.examined : there?.digest === digest ? there.examined : undefined;
    return { unique, digest, ...(examined && { examined }) };
  });
  const attested = await attestPublished(told, { registries, prefixes, time, key, isNew });
  return attested
    .filter(({ verdict }) => verdict !== "untouched")
    .map(({ unique, verdict, problems }) =>
      warning("verdict", `${unique} is published, and its verdict is "${verdict}"`, {
        notes: problems.map(({ message }) => ({ message })),
        help: `image-builder verify ${unique}`,
      }),
    );
}
