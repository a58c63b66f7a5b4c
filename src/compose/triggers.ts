import type { ScienceLayer } from "../catalogue/model.ts";
import { parseDockerfile, triggerText } from "../dockerfile/index.ts";
import { layerKey } from "../naming/build-id.ts";
import type { ImageBuild, Triggers } from "./model.ts";

type WithTriggers = Pick<ImageBuild, "triggers">;

/** What the bases of a science layer leave for it. `parentOf`: a layer of the catalogue by its key. */
export const triggersFor = ({ bases }: ScienceLayer, parentOf: (key: string) => ScienceLayer): WithTriggers =>
  some(
    bases.flatMap(({ via, stage, source }) =>
      via === "from" && source.kind === "parent"
        ? triggersIn(parentOf(layerKey(source))).map((each) => ({ ...each, stage }))
        : [],
    ),
  );

/** What the science layer below an interface leaves behind. */
export const triggersBelow = (science: ScienceLayer): WithTriggers => some(triggersIn(science));

const some = (triggers: readonly Triggers[]): WithTriggers => (triggers.length === 0 ? {} : { triggers });

/** Only the last stage's: those of the stages below it were carried out in it. */
function triggersIn({ directory, dockerfile }: ScienceLayer): Triggers[] {
  if (!/^\s*onbuild\s/im.test(dockerfile.text)) return [];
  const last = parseDockerfile(dockerfile.text).stages.at(-1);
  const instructions = last?.instructions.filter(({ keyword }) => keyword === "ONBUILD").map(triggerText) ?? [];
  return instructions.length === 0 ? [] : [{ of: directory, instructions }];
}
