import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import { type Definitions } from "./definitions.ts";
import { crumbOf } from "./judge.ts";
import type { GitQuestions, Published } from "./model.ts";

/** What git has to tell so that these images can be judged: their commits, and directories where labels do not suffice. */
export function gitQuestions(definitions: Definitions, { rel, sci }: Pick<Published, "rel" | "sci">): GitQuestions {
  const commits = new Set<string>();
  const directories: { commit: string; directory: string }[] = [];
  const images = [...rel, ...[...sci].map(([, each]) => ["", each] as const)];
  for (const [key, reading] of images) {
    if (reading.kind !== "image") continue;
    const { crumbs } = reading.image;
    for (const crumb of crumbs.compat ? [...crumbs.science, crumbs.compat] : crumbs.science) {
      const { commit } = crumb.stamp;
      commits.add(commit);
      for (const directory of directoriesOf(crumb, crumbs, key, definitions))
        directories.push({ commit, directory }, { commit: "HEAD", directory });
    }
  }
  return { commits, directories };
}

function directoriesOf(crumb: Crumb, crumbs: Breadcrumbs, key: string, definitions: Definitions): string[] {
  const own = crumb.inputs === undefined;
  if (crumb.kind === "compat") return own ? stackDirectories(key, definitions) : [];
  const layers = definitions.graph.layers;
  const unlabelled = ancestors(crumb.name, definitions).filter((each) => crumbOf(crumbs, each) === undefined);
  return [...(own ? [crumb.name] : []), ...unlabelled].flatMap((each) => layers.get(each)?.directory ?? []);
}

function stackDirectories(key: string, { finals, adopted, stacks }: Definitions): string[] {
  const compat = finals.get(key)?.compat ?? adopted.get(key)?.compat;
  return compat === undefined ? [] : stacks(compat).map(({ directory }) => directory);
}

/** Targets of all layers that a layer is made of in any way, itself not among them. */
export function ancestors(target: string, { graph }: Pick<Definitions, "graph">): string[] {
  const found = new Set<string>();
  const waiting = [...(graph.parents.get(target) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(graph.parents.get(next) ?? []));
  }
  return [...found].sort();
}
