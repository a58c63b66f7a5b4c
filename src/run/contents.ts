import { createFactsCache } from "../contents/cache.ts";
import { isRead, mergeFacts } from "../contents/merge.ts";
import type { Ecosystem, ReadLayer } from "../contents/model.ts";
import { obtainFacts } from "../contents/obtain.ts";
import { listPackages, type PackageList } from "../contents/packages.ts";
import { type PythonEnvironment, pythonEnvironments } from "../contents/python-environments.ts";
import type { RecordProblem } from "../contents/records.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { cacheDirectory } from "../files/cache.ts";
import type { Digest } from "../oci/digest.ts";
import { type DoorContents, listDoors } from "../resolve/list-doors.ts";
import { noImage, placedImage, wholeReference } from "./find-image.ts";
import type { Session } from "./session.ts";

export interface ContentsAnswer extends PackageList {
  readonly reference: string;
  readonly digest: Digest;
  /** Lowest first. */
  readonly layers: readonly ContentsLayer[];
  readonly pythons: readonly PythonEnvironment[];
  /** Where it was asked for. */
  readonly doors?: readonly DoorContents[];
  /** What could not be read; everything else is answered. */
  readonly problems: readonly Diagnostic[];
}

interface ContentsLayer {
  readonly diffId: Digest;
  /** Compressed bytes. */
  readonly size: number;
  /** Whether anything is known of it. */
  readonly read: boolean;
}

/**
 * What is in an image, from its layers and without running it. A layer is read when its facts are neither in the cache nor
 * attached to the image. `resolves`: also what names lead to at each door. Throws `RefusedError` for a name that is none, `FailedError` when there is no such image.
 */
export async function contents(
  session: Session,
  name: string,
  { resolves = false }: { readonly resolves?: boolean } = {},
): Promise<ContentsAnswer> {
  const reference = await wholeReference(session, name);
  const placed = await placedImage(await session.asking(), reference);
  if (!placed) throw noImage(reference);
  const { image, registry, repository } = placed;
  const cache = createFactsCache(cacheDirectory(session.environment));
  const { layers } = await obtainFacts(registry, repository, image, cache);
  session.signal.throwIfAborted();
  const facts = await mergeFacts(
    layers,
    image.manifest.layers.reduce((sum, { size }) => sum + size, 0),
  );
  const list = listPackages(facts);
  return {
    reference,
    digest: image.descriptor.digest,
    layers: facts.layers.map((layer, at) => ({
      diffId: layer.diffId,
      size: image.manifest.layers[at]?.size ?? 0,
      read: isRead(layer),
    })),
    ...list,
    pythons: pythonEnvironments(facts, image.config, list.packages),
    ...(resolves && { doors: listDoors({ facts, config: image.config }) }),
    problems: [...layerProblems(reference, facts.layers), ...recordProblems(reference, list)],
  };
}

export function layerProblems(reference: string, layers: readonly ReadLayer[]): Diagnostic[] {
  return layers.flatMap((layer, at) =>
    isRead(layer)
      ? []
      : [
          error("unread-layer", `layer ${at} of ${reference} cannot be read, and what it brings is not listed`, {
            notes: [{ message: layer.problem }, { message: `its digest, uncompressed, is ${layer.diffId}` }],
          }),
        ],
  );
}

/** Problems of one kind are told once. */
function recordProblems(reference: string, { states }: PackageList): Diagnostic[] {
  return states.flatMap(({ ecosystem, problems }) => {
    const byReason = new Map<string, RecordProblem[]>();
    for (const each of problems) byReason.set(each.why, [...(byReason.get(each.why) ?? []), each]);
    return [...byReason].map(([why, same]) => recordProblem(reference, ecosystem, why, same));
  });
}

function recordProblem(
  reference: string,
  ecosystem: Ecosystem,
  why: string,
  problems: readonly RecordProblem[],
): Diagnostic {
  const records = problems.length === 1 ? "a record" : `${problems.length} records`;
  const shown = problems.slice(0, 5).map(({ path, layer }) => ({ message: `/${path}, of layer ${layer}` }));
  const more = problems.length > 5 ? [{ message: `and ${problems.length - 5} more` }] : [];
  return error(
    "unread-packages",
    `${records} of ${ecosystem} packages of ${reference} cannot be read as a whole: ${why}`,
    {
      notes: [...shown, ...more],
    },
  );
}
