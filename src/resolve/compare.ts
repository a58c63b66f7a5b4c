import { isRead } from "../contents/merge.ts";
import { compareAttributes } from "./attributes.ts";
import { ChangedPaths } from "./changed-paths.ts";
import { compareDoors } from "./compare-doors.ts";
import { doorsOf, wantingOf } from "./doors.ts";
import { compareFiles } from "./files.ts";
import type { Comparison, ResolvableImage, VariableDifference } from "./model.ts";
import { worst } from "./outcome.ts";
import { comparePackages } from "./packages.ts";
import { resolving } from "./shell/run.ts";
import { type EnvironmentVariables, View } from "./view.ts";

/** What users of a science image get in an image that is composed on it, worked out without running either. */
export function compareImages(science: ResolvableImage, composed: ResolvableImage): Comparison {
  const problems = [...unreadLayers(science, "science"), ...unreadLayers(composed, "composed")];
  if (problems.length > 0) return { ...nothing, outcome: "not examined", problems };
  const [before, after] = [new View(science), new View(composed)];
  const sides = { before, after, changed: new ChangedPaths(science.facts.index, composed.facts.index) };
  const wanting = wantingOf(before, after);
  const doors = compareDoors(doorsOf(before, wanting), doorsOf(after, wanting), sides);
  const files = compareFiles(sides);
  const packages = comparePackages(science.facts, composed.facts);
  return {
    outcome: worst([...doors, ...files, ...packages].map((each) => each.outcome)),
    doors,
    files,
    packages,
    attributes: compareAttributes(sides.changed),
    environment: compareVariables(before.variables, after.variables),
    problems,
  };
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

function compareVariables(before: EnvironmentVariables, after: EnvironmentVariables): VariableDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    return old === now
      ? []
      : [
          {
            name,
            resolved: resolving.test(name),
            ...(old !== undefined && { before: old }),
            ...(now !== undefined && { after: now }),
          },
        ];
  });
}
