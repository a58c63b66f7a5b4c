import type { ScienceLayer } from "../catalogue/model.ts";
import { compatLabel, type LabelField, scienceLabel, standardLabel } from "../naming/labels.ts";
import type { Digest } from "../oci/digest.ts";
import type { CompatBuild, Plan, PlannedBuild, ScienceBuild } from "../plan/model.ts";
import type { ImageBuild, Pin, RunLabel } from "./model.ts";

/** What is the same for every label of a run. */
export interface Provenance {
  /** Address of the repository that holds the catalogue, without user and password. */
  readonly source?: string | undefined;
}

type Labels = Pick<ImageBuild, "labels" | "runLabels">;

/** B27 for a science image. Labels of the definition come first: they cannot forge the trail. */
export const scienceLabels = (
  build: ScienceBuild,
  layer: ScienceLayer,
  inputs: Digest,
  plan: Plan,
  provenance: Provenance,
): Labels => {
  const own = (field: LabelField): string => scienceLabel(build.target, field);
  const version = tagOf(build.tags[0]);
  return {
    labels: {
      ...layer.labels,
      [own("version")]: version,
      [own("inputs")]: inputs,
      ...refreshed(own, build),
      ...standard(version, plan, provenance),
    },
    runLabels: [...ownRunLabels(own), ...standardRunLabels],
  };
};

/** B27 for a final image; those of the science layers below stay as they are in its base. */
export const compatLabels = (build: CompatBuild, inputs: Digest, plan: Plan, provenance: Provenance): Labels => {
  const own = compatLabel;
  const version = tagOf(build.tags[0]);
  return {
    labels: {
      [own("version")]: `${build.image}:${version}`,
      [own("layers")]: build.layers.join(","),
      [own("inputs")]: inputs,
      ...refreshed(own, build),
      ...standard(version, plan, provenance),
    },
    runLabels: [...ownRunLabels(own), ...standardRunLabels],
  };
};

/** All labels of a build, sorted. `final` is the pin of the base of its final stage, undefined for `scratch`. */
export function readyLabels(build: ImageBuild, created: number, final: Pin | undefined): Record<string, string> {
  const run = build.runLabels.flatMap(({ key, takes }): [string, string][] => {
    const value = runValue(takes, created, final);
    return value === undefined ? [] : [[key, value]];
  });
  const all = [...Object.entries(build.labels), ...run];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Why it was built although its definition had not changed (B52). */
function refreshed(own: (field: LabelField) => string, { reasons }: PlannedBuild): Record<string, string> {
  const asked = reasons.flatMap((each) => (each.kind === "refreshed" ? [each.asked] : []));
  return asked.length === 0 ? {} : { [own("refreshed")]: asked.join(" ") };
}

const standard = (version: string, plan: Plan, { source }: Provenance): Record<string, string> => ({
  [standardLabel("revision")]: plan.commit,
  [standardLabel("version")]: version,
  ...(source === undefined ? {} : { [standardLabel("source")]: source }),
});

const ownRunLabels = (own: (field: LabelField) => string): RunLabel[] => [
  { key: own("buildtime"), takes: "seconds" },
  { key: own("base"), takes: "base-reference" },
];

const standardRunLabels: readonly RunLabel[] = [
  { key: standardLabel("created"), takes: "rfc3339" },
  { key: standardLabel("base.name"), takes: "base-name" },
  { key: standardLabel("base.digest"), takes: "base-digest" },
];

function runValue(takes: RunLabel["takes"], created: number, final: Pin | undefined): string | undefined {
  if (takes === "seconds") return formatSeconds(created);
  if (takes === "rfc3339") return new Date(created * 1000).toISOString().replace(/\.000Z$/, "Z");
  // An image of scratch must not keep what an earlier stage's base would have said: an empty label is one, too.
  return takes === "base-name" ? final?.name : takes === "base-digest" ? final?.digest : final?.reference;
}

/** As Python's `str(time.time())` writes it, which is what readers of these labels have seen so far. */
const formatSeconds = (seconds: number): string => (Number.isInteger(seconds) ? `${seconds}.0` : String(seconds));

export const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(":") + 1);
