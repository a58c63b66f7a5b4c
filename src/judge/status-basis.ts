import type { WithdrawnImage } from "../catalogue/model.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { compareAge, uniqueTagsOf } from "../naming/unique-tag.ts";
import type { PublishedImage } from "../published/image.ts";
import type { TagReading } from "../published/reader.ts";
import { type Definitions, relReference } from "./definitions.ts";
import type { ImageStatus } from "./image-status.ts";
import { buildOf, type Evidence } from "./not-published.ts";
import type { ImageVersion } from "./orphans.ts";

interface Basis {
  readonly status: ImageStatus;
  /** Where there is one that can be judged. */
  readonly image?: PublishedImage;
}

/** What can be said without a definition. */
export function basis(
  each: ImageVersion,
  reading: TagReading<PublishedImage> | undefined,
  { definitions, published }: Pick<Evidence, "definitions" | "published">,
): Basis {
  const why = reading === undefined ? [] : tagFindings(each, reading, published);
  const known = { image: each.image, version: each.version, reference: relReference(definitions.catalogue, each), why };
  if (reading === undefined || reading.kind === "unreadable")
    return { status: { ...known, states: ["unknown"], why: ["it could not be read"] } };
  if (reading.kind === "absent") return { status: { ...known, states: ["not-published"] } };
  const status = { ...known, ...facts(each, reading.image, definitions) };
  if (reading.image.crumbs.compat) return { status, image: reading.image };
  return {
    status: {
      ...status,
      states: [...status.states.filter((state) => state === "withdrawn"), "unknown"],
      why: ["its labels do not tell what it is"],
    },
  };
}

/** What the list of tags tells of the unique tags beside the stable one. */
function tagFindings({ image, version }: ImageVersion, reading: TagReading, { tags }: Evidence["published"]): string[] {
  const list = tags.get(image);
  if (list === undefined) return [];
  const own = reading.kind === "image" ? reading.image.crumbs.compat : undefined;
  const newer = uniqueTagsOf(list, version)
    .filter(({ stamp }) => own === undefined || compareAge(stamp, own.stamp) > 0)
    .map(({ tag }) => tag);
  const lost = own && !list.includes(own.tag) ? [`its unique tag ${own.tag} is not there`] : [];
  return [
    ...lost,
    ...(newer.length === 0 ? [] : [`newer builds are there that the stable tag does not hold: ${newer.join(", ")}`]),
  ];
}

function facts(
  { image }: ImageVersion,
  found: PublishedImage,
  { catalogue }: Definitions,
): Omit<ImageStatus, "image" | "version" | "reference" | "why"> {
  const { digest, size, crumbs, config } = found;
  const built =
    crumbs.compat?.built === undefined ? config.created : new Date(crumbs.compat.built * 1000).toISOString();
  const withdrawal = withdrawalOf(catalogue.settings, buildOf(image, found));
  const compat = crumbs.compat?.layers?.at(-1);
  return {
    states: withdrawal ? ["withdrawn"] : ["current"],
    digest,
    size,
    ...(built !== undefined && { built }),
    ...(compat !== undefined && { compat }),
    ...(crumbs.compat && { uniqueTag: crumbs.compat.tag, commit: crumbs.compat.stamp.commit }),
    ...(withdrawal && { withdrawn: withdrawnWords(withdrawal) }),
  };
}

const withdrawnWords = ({ reason, replacement, since }: WithdrawnImage): NonNullable<ImageStatus["withdrawn"]> => ({
  reason,
  ...(replacement !== undefined && { replacement }),
  ...(since !== undefined && { since }),
});
