import { imageVersion } from "../catalogue/graph.ts";
import type { Catalogue, WithdrawnImage } from "../catalogue/model.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { relReference } from "../judge/definitions.ts";
import { buildOf } from "../judge/not-published.ts";
import { parseImageTag } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { isRepositoryComponent, isTag } from "../oci/reference.ts";
import { chainDigest } from "../published/build-mark.ts";
import type { PublishedImage } from "../published/image.ts";
import { createReader, type Reader } from "../published/reader.ts";
import type { Registries } from "../registry/model.ts";
import { addEntry, removeEntries } from "./settings-file.ts";

interface WithdrawOptions {
  readonly catalogue: Catalogue;
  readonly registries: Registries;
  readonly reason: string;
  readonly replacement?: string;
  /** ISO 8601 date of today. */
  readonly today: string;
  readonly signal?: AbortSignal;
}

export interface Withdrawal {
  readonly entry: WithdrawnImage;
  /** What is still to be done, such as a stable tag that points at the build. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Records that a published build must not be used any more. Nothing is deleted: whoever has the digest can still pull it.
 * A stable tag means the build that it holds now. Throws `FailedError` when the registry has no such build.
 */
export async function withdrawImage(name: string, options: WithdrawOptions): Promise<Withdrawal> {
  const { catalogue, registries, reason, replacement, today, signal } = options;
  const { image, tag } = imageAndTag(name);
  const reader = createReader(registries, signal);
  const found = await read(reader, relReference(catalogue, { image, version: tag }));
  const build = { image, tag: found.crumbs.compat?.tag ?? tag, digest: found.digest };
  const known = withdrawalOf(catalogue.settings, build);
  if (known) throw new RefusedError([alreadyWithdrawn(known)]);
  const inputs = chainDigest(found.crumbs);
  const held = await heldByStable(reader, catalogue, build);
  const entry = {
    ...build,
    reason,
    ...(replacement !== undefined && { replacement }),
    since: today,
    ...(inputs !== undefined && { inputs }),
    ...(held !== undefined && { stable: held.isHeld }),
  };
  const warnings = [...(held?.warnings ?? []), ...(await checkReplacement(reader, catalogue, entry))];
  await addEntry(catalogue.root, "withdrawn", entry);
  return { entry, warnings };
}

/** Takes a withdrawal back. A version means its only withdrawn build. Throws `RefusedError` when there is none, or several. */
export async function undoWithdrawal(name: string, { root, settings }: Catalogue): Promise<WithdrawnImage> {
  const { image, tag } = imageAndTag(name);
  const all = settings.withdrawn.map((entry, at) => ({ entry, at })).filter(({ entry }) => entry.image === image);
  const exact = all.filter(({ entry }) => entry.tag === tag);
  const chosen = exact.length > 0 ? exact : all.filter(({ entry }) => parseUniqueTag(entry.tag)?.version === tag);
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) {
    const names = (chosen.length > 1 ? chosen : all).map(({ entry }) => nameOf(entry));
    const message =
      chosen.length > 1 ? `several builds of ${image} ${tag} are withdrawn` : `${image}:${tag} is not withdrawn`;
    throw new RefusedError([
      error("not-withdrawn", message, {
        help: names.length === 0 ? `no build of ${image} is withdrawn` : `name one of: ${names.join(", ")}`,
      }),
    ]);
  }
  await removeEntries(root, "withdrawn", [only.at]);
  return only.entry;
}

function imageAndTag(name: string): { image: string; tag: string } {
  const { image = "", tag = "" } = parseImageTag(name) ?? {};
  if (isRepositoryComponent(image) && isTag(tag)) return { image, tag };
  throw new RefusedError([
    error("bad-reference", `${JSON.stringify(name)} names no build of an image`, {
      help: "write IMAGE:TAG: nist-basic:1.0, or nist-basic:1.0-42-f90dbd6",
    }),
  ]);
}

async function read(reader: Reader, reference: string): Promise<PublishedImage> {
  const reading = await reader.read(reference);
  if (reading.kind === "image") return reading.image;
  if (reading.kind === "unreadable") throw new FailedError([reading.problem]);
  throw new FailedError([
    error("no-such-image", `the registry has no ${reference}`, {
      help: "image-builder images lists what can be pulled",
    }),
  ]);
}

const nameOf = ({ image, tag }: Pick<WithdrawnImage, "image" | "tag">): string => imageVersion({ image, version: tag });

const alreadyWithdrawn = (known: WithdrawnImage): Diagnostic =>
  error("already-withdrawn", `${nameOf(known)} is withdrawn already: ${known.reason}`, {
    help: `take it back with image-builder withdraw --undo ${nameOf(known)} to say it otherwise`,
  });

type Build = Pick<WithdrawnImage, "image" | "tag"> & { readonly digest: string };

/** Undefined where it cannot be told. */
async function heldByStable(
  reader: Reader,
  catalogue: Catalogue,
  build: Build,
): Promise<{ readonly isHeld: boolean; readonly warnings: readonly Diagnostic[] } | undefined> {
  const version = parseUniqueTag(build.tag)?.version;
  if (version === undefined) return undefined;
  const reference = relReference(catalogue, { image: build.image, version });
  const stable = await reader.read(reference);
  if (stable.kind === "unreadable") return undefined;
  if (stable.kind === "absent" || stable.image.digest !== build.digest) return { isHeld: false, warnings: [] };
  const warnings = [
    warning("withdrawn-in-use", `the stable tag ${reference} still points at the withdrawn build`, {
      notes: [{ message: "users get it until the tag moves; nothing was changed in the registry" }],
      help: `image-builder rollback ${imageVersion({ image: build.image, version })} puts it back to an earlier build; or mend its definition, commit and publish: a build of the same inputs is refused`,
    }),
  ];
  return { isHeld: true, warnings };
}

/** A replacement that cannot be pulled, or is withdrawn itself, sends users nowhere. */
async function checkReplacement(
  reader: Reader,
  catalogue: Catalogue,
  { replacement, image, tag }: WithdrawnImage,
): Promise<Diagnostic[]> {
  if (replacement === undefined) return [];
  const other = imageAndTag(replacement);
  if (other.image === image && other.tag === tag)
    throw new RefusedError([
      error("bad-replacement", `${replacement} is the build that is withdrawn`, { help: "name another one" }),
    ]);
  const reading = await reader.read(relReference(catalogue, { image: other.image, version: other.tag }));
  if (reading.kind === "unreadable") return [reading.problem];
  if (reading.kind === "absent")
    return [
      warning("no-replacement", `the registry has no ${reading.reference}, which is to replace it`, {
        help: "publish it before users look for it",
      }),
    ];
  const gone = withdrawalOf(catalogue.settings, buildOf(other.image, reading.image));
  return gone
    ? [
        warning("no-replacement", `the replacement ${replacement} is withdrawn itself: ${gone.reason}`, {
          help: "name another one",
        }),
      ]
    : [];
}
