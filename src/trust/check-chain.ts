import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { scienceLabel } from "../naming/labels.ts";
import { sciencePath } from "../naming/layer-name.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { Crumb } from "../published/crumbs.ts";
import { baseOf } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import type { Images } from "../published/images.ts";
import { compareTrail } from "./compare-labels.ts";
import { compareLayers } from "./compare-layers.ts";
import { contradiction } from "./findings.ts";
import type { TrustFindings } from "./model.ts";
import { scienceTarget } from "./subject.ts";

/**
 * Science layers stand on one another: each image of the chain begins with the layers, and has the trail, of the one below.
 * Ends at somebody else's image, and at images of the original tool, which do not say what they were built on.
 */
export async function checkChain(
  target: string,
  image: PublishedImage,
  prefixes: readonly string[],
  images: Images,
): Promise<TrustFindings> {
  const findings: Diagnostic[] = [];
  const seen = new Set<string>();
  for (let above: Link | undefined = { target, image }; above && !seen.has(above.target); ) {
    seen.add(above.target);
    const step = await stepDown(above, prefixes, images);
    findings.push(...step.findings);
    above = step.below;
  }
  return findings;
}

interface Link {
  readonly target: string;
  readonly image: PublishedImage;
}

async function stepDown(
  { target, image }: Link,
  prefixes: readonly string[],
  images: Images,
): Promise<{ readonly below?: Link; readonly findings: TrustFindings }> {
  const { science } = image.crumbs;
  const base = baseNamed(target, science);
  const name = base && scienceTarget(base, prefixes);
  if (base === undefined || name === undefined) return { findings: [] };
  const crumb = science.find((each) => each.name === name);
  if (!crumb) return { findings: [cutOff(target, name)] };
  const reference = base.digest === undefined ? { ...base, tag: crumb.tag } : base;
  const below = await images.science(reference, image.config);
  if (!below) return { findings: [gone(target, reference)] };
  const found = [...compareLayers(image, below), ...compareTrail(image, below, target)];
  return { below: { target: name, image: below }, findings: found.map((each) => about(target, name, each)) };
}

function baseNamed(target: string, science: readonly Crumb[]): Reference | undefined {
  const own = science.find(({ name }) => name === target);
  return own && baseOf(own);
}

const about = (target: string, below: string, finding: Diagnostic): Diagnostic => ({
  ...finding,
  message: `${sciencePath(target)}, held against ${sciencePath(below)} below it: ${finding.message}`,
});

const cutOff = (target: string, below: string): Diagnostic =>
  contradiction(
    "label-disagrees",
    `${sciencePath(target)} names ${sciencePath(below)} as its base, and has no ${scienceLabel(below, "version")}`,
  );

/** The proof of the image itself does not need it. */
const gone = (target: string, reference: Reference): Diagnostic =>
  warning(
    "base-gone",
    `${sciencePath(target)} was built on ${formatReference(reference)}, which is not there any more`,
  );
