import type { KeyObject } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Catalogue } from "../catalogue/model.ts";
import { formatReference } from "../oci/reference.ts";
import { Images } from "../published/images.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { problemsOf, unread, weigh } from "./findings.ts";
import type { ImageVerdict } from "./model.ts";
import { Past } from "./past.ts";
import type { Subject } from "./subject.ts";
import { notProven, type VerifyContext, verifyImage } from "./verify-image.ts";

interface VerifyOptions {
  readonly catalogue: Pick<Catalogue, "root" | "settings">;
  readonly registries: Registries;
  /** What signatures have to be made with; they are not looked at when undefined. */
  readonly key?: KeyObject | undefined;
  /** Whether the catalogue lies in a git repository, to hold labels against. */
  readonly git: boolean;
}

/**
 * Verifies images side by side, in the order given. What goes wrong with one, at the registry or in its labels, becomes
 * its own verdict and stops no other.
 */
export async function verifyImages(
  subjects: readonly Subject[],
  options: VerifyOptions,
): Promise<readonly ImageVerdict[]> {
  const { settings, root } = options.catalogue;
  const context: VerifyContext = {
    images: new Images(options.registries),
    registries: options.registries,
    past: options.git ? new Past(root, settings.repo) : undefined,
    prefixes: [settings.repo, settings.home],
    key: options.key,
    withdrawn: settings.withdrawn,
  };
  return mapBounded(subjects, 8 + availableParallelism(), (subject) => verdictOf(subject, context));
}

async function verdictOf(subject: Subject, context: VerifyContext): Promise<ImageVerdict> {
  const reference = formatReference(subject.reference);
  try {
    const found = await context.images.published(subject.reference);
    if (!found) return { reference, verdict: "unknown", ...notProven([unread("there is no such image")]) };
    const checked = await verifyImage(subject, found, context);
    return { reference, digest: found.digest, ...checked, verdict: weigh(checked.problems) };
  } catch (failure) {
    return { reference, verdict: "unknown", ...notProven(problemsOf(failure)) };
  }
}

/**
 * Whether all answers are as they should be; who signed is asked only where there is a key, and what nobody has examined is no
 * contradiction.
 */
export const isProven = ({ verdict, newest, signed, resolves }: ImageVerdict, withKey: boolean): boolean =>
  verdict === "untouched" &&
  (resolves.accepted || resolves.verdict === "not examined") &&
  newest !== "behind" &&
  newest !== "unknown" &&
  (!withKey || signed === "signed");
