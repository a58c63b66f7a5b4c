import { splitFragment } from "../catalogue/compat-fragments.ts";
import type { CompatLayer } from "../catalogue/model.ts";
import type { Instruction } from "../dockerfile/model.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { contradiction } from "./findings.ts";
import type { TrustFindings } from "./model.ts";

/** An interface adds no more layers than its instructions can make: one more was put in by somebody else. */
export function countLayers(
  image: PublishedImage,
  science: PublishedImage | undefined,
  stack: readonly CompatLayer[],
  { layers }: Crumb,
): TrustFindings {
  if (!science) return [];
  const added = image.manifest.layers.length - science.manifest.layers.length;
  const most =
    stack.reduce((sum, layer) => sum + mostLayers(layer), 0) + triggers(science) + workdirs(image, science, stack);
  if (added <= most) return [];
  const names = (layers ?? stack.map(({ name }) => name)).join(", ");
  return [
    contradiction(
      "layer-inserted",
      `there are ${added} layers on top of science, and the interface (${names}) makes at most ${most}: somebody put one in`,
    ),
  ];
}

/** Without WORKDIR, which makes a layer only where the folder was not there yet. */
const mostLayers = (layer: CompatLayer): number =>
  instructionsOf(layer).filter(({ keyword }) => ["RUN", "COPY", "ADD"].includes(keyword)).length +
  (layer.user || layer.directories.length > 0 ? 1 : 0);

/** As many as the history admits to, and no more than there are. */
function workdirs(image: PublishedImage, science: PublishedImage, stack: readonly CompatLayer[]): number {
  const written = stack.flatMap(instructionsOf).filter(({ keyword }) => keyword === "WORKDIR").length;
  const history = image.config.history?.slice(science.config.history?.length ?? 0);
  const made = history?.filter((each) => !each.empty_layer && /\bWORKDIR\b/.test(each.created_by ?? "")).length;
  return Math.min(written, made ?? written);
}

const triggers = ({ config }: PublishedImage): number => config.config?.OnBuild?.length ?? 0;

const instructionsOf = (layer: CompatLayer): readonly Instruction[] =>
  splitFragment(layer.dockerfile).proper.instructions;
