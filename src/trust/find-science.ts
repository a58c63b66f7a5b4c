import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { scienceLabel } from "../naming/labels.ts";
import { sciencePath } from "../naming/layer-name.ts";
import { formatReference, manifestTarget, parseReference, type Reference } from "../oci/reference.ts";
import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import { baseOf } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import type { Images } from "../published/images.ts";
import { contradiction, short, unread } from "./findings.ts";
import type { TrustFindings } from "./model.ts";
import { scienceTarget } from "./subject.ts";

export interface FoundScience {
  readonly target: string;
  /** By digest. */
  readonly reference: Reference;
  readonly image: PublishedImage;
  /** By unique tag. */
  readonly tagged: Reference;
}

/**
 * Fetches the science image that an image's labels name: by the digest of its base where they have one, and else by the
 * unique tag. `prefixes` are the only places that a label may send us to.
 */
export async function findScience(
  image: PublishedImage,
  crumbs: Breadcrumbs,
  prefixes: readonly string[],
  images: Images,
): Promise<{ readonly found?: FoundScience; readonly findings: TrustFindings }> {
  const named = namedScience(crumbs, prefixes);
  if ("findings" in named) return named;
  const { crumb, pinned, tagged } = named;
  const platform = image.config;
  const science = await images.science(pinned ?? tagged, platform);
  if (!science) return { findings: [gone(pinned ?? tagged)] };
  const { tag: _, ...place } = pinned ?? tagged;
  const reference = { ...place, digest: science.digest };
  return { found: { target: crumb.name, image: science, reference, tagged }, findings: [] };
}

/** The unique tag never moves: behind it stands the very image that the base was pinned to. */
export async function checkScienceTag({ image, tagged }: FoundScience, images: Images): Promise<TrustFindings> {
  const name = formatReference(tagged);
  const { digest } = image.named;
  const unique = await images.digestOf(tagged, manifestTarget(tagged));
  if (unique === undefined) return [unread(`the labels name the science build ${name}, and it is not there`)];
  if (unique === digest) return [];
  return [
    contradiction("unique-tag-moved", `${name} is ${short(unique)}, and the image was built on ${short(digest)}`),
  ];
}

interface NamedScience {
  readonly crumb: Crumb;
  readonly pinned: Reference | undefined;
  readonly tagged: Reference;
}

function namedScience(
  crumbs: Breadcrumbs,
  prefixes: readonly string[],
): NamedScience | { readonly findings: TrustFindings } {
  const base = crumbs.compat && baseOf(crumbs.compat);
  const target = base ? scienceTarget(base, prefixes) : crumbs.science.at(-1)?.name;
  if (target === undefined) return { findings: [base ? elsewhere(base, prefixes) : unnamed()] };
  const crumb = crumbs.science.find(({ name }) => name === target);
  if (!crumb) {
    const message = `the labels name ${sciencePath(target)} as the base, and have no ${scienceLabel(target, "version")}`;
    return { findings: [contradiction("label-disagrees", message)] };
  }
  const place = base ?? parseReference(`${prefixes[0]}/${sciencePath(target)}`);
  if (!place) return { findings: [unnamed()] };
  const { registry, repository } = place;
  const pinned = base?.digest === undefined ? undefined : base;
  return { crumb, pinned, tagged: { registry, repository, tag: crumb.tag } };
}

const gone = (reference: Reference): Diagnostic =>
  unread(`the science image ${formatReference(reference)} that the labels name is not there`);

const unnamed = (): Diagnostic => unread("the labels do not say which science image this stands on");

const elsewhere = (base: Reference, prefixes: readonly string[]): Diagnostic =>
  contradiction(
    "science-elsewhere",
    `the labels name ${formatReference(base)} as the base, which is no science image of ${prefixes.join(" or ")}`,
  );
