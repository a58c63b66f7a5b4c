import type { ImageBuild } from "../../../compose/model.ts";
import type { Range } from "../../../diagnostics/text.ts";
import {
  type Dockerfile,
  expandWord,
  globalArguments,
  type Instruction,
  parseDockerfile,
  requiredFeatures,
} from "../../../dockerfile/index.ts";
import { type PlannedStage, planStages } from "./stage-plan.ts";

/** Something that the embedded engine cannot do. */
export interface Obstacle {
  /** What it is, behind "needs": `RUN`. */
  readonly needs: string;
  /** In the text of the build's Dockerfile; absent where no instruction is to blame. */
  readonly range?: Range;
}

/** The first thing in a build that the embedded engine cannot do; undefined when it can make the whole image. */
export function obstacleOf(build: ImageBuild): Obstacle | undefined {
  const dockerfile = parseDockerfile(build.dockerfile.text);
  const wrong = dockerfile.problems.find((problem) => problem.severity === "error");
  if (wrong) return { needs: "an engine to judge a Dockerfile that is not understood", range: wrong.range };
  const stages = planStages(dockerfile, globalArguments(dockerfile, build.args));
  const inStages = stages.map((planned) => stageObstacle(dockerfile, planned, build));
  const found = inStages.find((each) => each !== undefined);
  return found ?? (build.test.length > 0 ? { needs: "a container for its tests" } : undefined);
}

/** The first obstacle within one stage. */
export function stageObstacle(
  dockerfile: Dockerfile,
  { stage }: PlannedStage,
  build: ImageBuild,
): Obstacle | undefined {
  if (stage.platform !== undefined && !isOurs(dockerfile, stage.platform, build)) {
    return { needs: "another platform", range: stage.from.range };
  }
  const within = (range: Range): boolean =>
    stage.instructions.some((each) => each.range.start <= range.start && range.end <= each.range.end);
  const features = requiredFeatures(dockerfile, build.args).filter(({ range }) => within(range));
  const missing = features.find(({ feature }) => feature in needs);
  if (missing) return { needs: needs[missing.feature] ?? missing.feature, range: missing.range };
  const archive = stage.instructions.find(addsForeignArchive);
  return archive && { needs: "to unpack an archive that is not .tar or .tar.gz", range: archive.range };
}

const needs: Readonly<Record<string, string>> = {
  run: "RUN",
  "copy-parents": "COPY --parents",
  "add-url": "ADD of a URL",
  "add-git": "ADD of a git repository",
  "add-checksum": "ADD --checksum",
  "add-keep-git-dir": "ADD --keep-git-dir",
};

function isOurs(dockerfile: Dockerfile, platform: string, { args }: ImageBuild): boolean {
  const { value } = expandWord(platform, globalArguments(dockerfile, args), { escape: dockerfile.escape });
  return value === "linux/amd64";
}

const addsForeignArchive = ({ keyword, words }: Instruction): boolean =>
  keyword === "ADD" && words.slice(0, -1).some(({ text }) => /\.(?:tar\.(?:bz2|xz|zst|lz)|tbz2?|txz)$/i.test(text));
