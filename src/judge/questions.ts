import { layerBuilt } from "../catalogue/graph.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import { layerKey } from "../naming/build-id.ts";
import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import { type Definitions } from "./definitions.ts";
import { crumbOf } from "./judge.ts";
import type { GitQuestions, Published, TodaysInputs } from "./model.ts";

/** What git has to tell so that these images can be judged: their commits, and directories where labels do not suffice. */
export function gitQuestions(
  definitions: Definitions,
  { rel, sci }: Pick<Published, "rel" | "sci">,
  today: TodaysInputs,
): GitQuestions {
  const commits = new Set<string>();
  const directories: { commit: string; directory: string }[] = [];
  const images = [...rel, ...[...sci].map(([, each]) => ["", each] as const)];
  for (const [key, reading] of images) {
    if (reading.kind !== "image") continue;
    const { crumbs } = reading.image;
    for (const crumb of crumbs.compat ? [...crumbs.science, crumbs.compat] : crumbs.science) {
      const { commit } = crumb.stamp;
      commits.add(commit);
      for (const directory of directoriesOf(crumb, crumbs, key, { definitions, today }))
        directories.push({ commit, directory }, { commit: "HEAD", directory });
    }
  }
  return { commits, directories };
}

interface Asked {
  readonly definitions: Definitions;
  readonly today: TodaysInputs;
}

function directoriesOf(crumb: Crumb, crumbs: Breadcrumbs, key: string, asked: Asked): string[] {
  if (crumb.kind === "compat") return stackDirectories(crumb, key, asked);
  const { graph } = asked.definitions;
  const layer = layerBuilt(graph, { target: crumb.name, version: crumb.stamp.version });
  if (layer === undefined) return [];
  const unlabelled = ancestors(layerKey(layer), { graph }).filter((each) => crumbOf(crumbs, each) === undefined);
  const below = unlabelled.flatMap((each) => foldersOf(graph.layers.get(each) ?? layer));
  return [...(crumb.inputs === undefined ? foldersOf(layer) : []), ...below];
}

/** Also where the label tells that the stack differs: which of its layers do is told by git alone. */
function stackDirectories({ inputs }: Crumb, key: string, { definitions, today }: Asked): string[] {
  const { finals, adopted, stacks } = definitions;
  const compat = finals.get(key)?.compat ?? adopted.get(key)?.compat;
  if (compat === undefined || (inputs !== undefined && inputs === today.compat.get(compat))) return [];
  return stacks(compat).flatMap(foldersOf);
}

/** Keys of all layers that a layer is made of in any way, itself not among them. */
export function ancestors(key: string, { graph }: Pick<Definitions, "graph">): string[] {
  const found = new Set<string>();
  const waiting = [...(graph.parents.get(key) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(graph.parents.get(next) ?? []));
  }
  return [...found].sort();
}
