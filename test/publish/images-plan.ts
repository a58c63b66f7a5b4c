import type { PlannedBuild } from "../../src/plan/model.ts";
import { compatBuild, scienceBuild } from "../compose/world.ts";

/** Builds of so many image-versions, `image-0` and so on, each of a science and a compat build, below `HOST/kill`. */
export const imagesPlan = (host: string, count: number): PlannedBuild[] =>
  Array.from({ length: count }, (_, index) => `image-${index}`).flatMap((name) => [
    scienceBuild(name, "1.0", { tags: tagsOf(`${host}/kill/sci/${name}`) }),
    compatBuild(name, ["jupyter"], { tags: tagsOf(`${host}/kill/rel/${name}`) }),
  ]);

const tagsOf = (repository: string): readonly [string, string] => [`${repository}:1.0-42-f90dbd6`, `${repository}:1.0`];
