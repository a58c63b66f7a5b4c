import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { compatLabel, parseLabelKey, standardLabel } from "../naming/labels.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import { baseOf, buildName } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { variables } from "./drift.ts";
import { contradiction, unread } from "./findings.ts";
import type { TrustFindings } from "./model.ts";
import type { Subject } from "./subject.ts";

/** The labels of an image say who it is and contradict neither each other, nor its name, nor its configuration. */
export function compareLabels(image: PublishedImage, crumbs: Breadcrumbs, subject: Subject): TrustFindings {
  const unreadable = crumbs.broken.map((sentence) => contradiction("label-unreadable", sentence));
  const { compat } = crumbs;
  if (!compat) return unreadable.length > 0 ? unreadable : [noLabels()];
  return [
    ...unreadable,
    ...compareName(compat, subject),
    ...compareStandard(image, compat),
    ...compareVariable(image, compat),
    ...compareTimes(image, compat),
  ];
}

/**
 * An image inherits the trail of its science image as it is: not a label more, less or other. A science image has in
 * addition its own, by its target.
 */
export function compareTrail(image: PublishedImage, science: PublishedImage, target?: string): TrustFindings {
  const [own, below] = [image.labels, science.labels];
  const keys = [...new Set([...Object.keys(own), ...Object.keys(below)])].filter(
    (key) => ![undefined, target].includes(parseLabelKey(key)?.target),
  );
  return keys.filter((key) => own[key] !== below[key]).map((key) => trailBroken(key, own[key], below[key]));
}

const noLabels = (): Diagnostic =>
  unread("the image has no labels of this tool, so which science it stands on is not known", {
    help: "verify an image that was published from a catalogue",
  });

function compareName(compat: Crumb, { image, reference, isFurther }: Subject): TrustFindings {
  const wrongTag =
    isFurther !== true &&
    reference.tag !== undefined &&
    ![compat.tag, compat.stamp.version].includes(reference.tag) &&
    reference.tag;
  if (compat.name === image && wrongTag === false) return [];
  const asked = `${image}${wrongTag ? `:${wrongTag}` : ""}`;
  return [
    contradiction(
      "label-disagrees",
      `the labels say that this is ${buildName(compat)}, and it is published as ${asked}`,
    ),
  ];
}

/** Absent in images of the original tool. */
function compareStandard(image: PublishedImage, compat: Crumb): TrustFindings {
  const labels = image.labels;
  const standard = (name: Parameters<typeof standardLabel>[0]): string | undefined => labels[standardLabel(name)];
  const base = baseOf(compat);
  return [
    ...agree(compatLabel("version"), compat.tag, standardLabel("version"), standard("version")),
    ...agree(compatLabel("version"), compat.stamp.commit, standardLabel("revision"), standard("revision"), (a, b) =>
      b.startsWith(a),
    ),
    ...agree(compatLabel("base"), base?.digest, standardLabel("base.digest"), standard("base.digest")),
    ...agree(
      compatLabel("base"),
      base && repositoryOf(base),
      standardLabel("base.name"),
      standard("base.name"),
      (a, b) => b === a || b.startsWith(`${a}:`),
    ),
  ];
}

const repositoryOf = ({ registry, repository }: Reference): string => formatReference({ registry, repository });

function agree(
  key: string,
  value: string | undefined,
  otherKey: string,
  other: string | undefined,
  same: (a: string, b: string) => boolean = (a, b) => a === b,
): TrustFindings {
  if (value === undefined || other === undefined || same(value, other)) return [];
  return [
    contradiction("label-disagrees", `the labels ${key} and ${otherKey} contradict each other: ${value}, ${other}`),
  ];
}

/** B25 */
function compareVariable({ config }: PublishedImage, compat: Crumb): TrustFindings {
  const said = variables(config.config ?? {}).get("SCISERVER_IMAGE");
  const wanted = buildName(compat);
  if (said === wanted || (said === undefined && compat.inputs === undefined)) return [];
  const found = said === undefined ? "is not set" : `is ${JSON.stringify(said)}`;
  return [contradiction("label-disagrees", `SCISERVER_IMAGE ${found}, and the labels say ${wanted}`)];
}

/** Both labels come from one clock; the original tool wrote only the first. */
function compareTimes({ labels }: PublishedImage, { built }: Crumb): TrustFindings {
  const created = labels[standardLabel("created")];
  if (built === undefined || created === undefined) return [];
  const apart = Math.abs(Date.parse(created) / 1000 - built);
  if (apart < 1.001) return [];
  const message = `the labels ${compatLabel("buildtime")} and ${standardLabel("created")} contradict each other: ${built}, ${created}`;
  return [contradiction("label-disagrees", message)];
}

const said = (value: string | undefined): string =>
  value === undefined ? "nothing" : JSON.stringify(value.slice(0, 200));

const trailBroken = (key: string, own: string | undefined, below: string | undefined): Diagnostic =>
  contradiction("label-disagrees", `the label ${key} is not the science image's`, {
    notes: [{ message: `the image says ${said(own)}, the science image ${said(below)}` }],
  });
