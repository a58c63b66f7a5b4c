import { isRead } from "../contents/merge.ts";
import { commandsOf } from "./commands.ts";
import type { Comparison, ResolvableImage } from "./model.ts";
import { compareNames } from "./names.ts";
import { worst } from "./outcome.ts";
import { View } from "./view.ts";

/** What users of a science image get in an image that is composed on it, worked out without running either. */
export function compareImages(science: ResolvableImage, composed: ResolvableImage): Comparison {
  const problems = [...unreadLayers(science, "science"), ...unreadLayers(composed, "composed")];
  if (problems.length > 0) return { ...nothing, outcome: "not examined", problems };
  const [before, after] = [new View(science), new View(composed)];
  const differences = compareNames("command", commandsOf(before, before.variables), commandsOf(after, after.variables));
  const outcome = worst(differences.map((each) => each.outcome));
  return { ...nothing, outcome, doors: [{ door: "sh -c", outcome, differences }] };
}

const nothing: Comparison = {
  outcome: "same",
  doors: [],
  files: [],
  packages: [],
  attributes: [],
  environment: [],
  problems: [],
};

const unreadLayers = ({ facts }: ResolvableImage, name: string): string[] =>
  facts.layers.flatMap((layer, at) =>
    isRead(layer) ? [] : [`layer ${at} of the ${name} image is not known: ${layer.problem}`],
  );
