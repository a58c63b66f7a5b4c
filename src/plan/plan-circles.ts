import type { PlannedBuild } from "./model.ts";

/** Each circle of builds that wait for each other, once, from one of them back to it. */
export function circlesAmong(builds: readonly Pick<PlannedBuild, "id" | "dependsOn">[]): string[][] {
  const edges = new Map(builds.map(({ id, dependsOn }) => [id, dependsOn]));
  const free = new Set<string>();
  for (let before = -1; before !== free.size; ) {
    before = free.size;
    for (const [id, parents] of edges) if (parents.every((each) => free.has(each) || !edges.has(each))) free.add(id);
  }
  const told = new Set<string>();
  return [...edges.keys()].filter((id) => !free.has(id)).flatMap((id) => circleFrom(id, edges, free, told));
}

/** Follows the first parent that waits, until it comes to one that it has met. */
function circleFrom(
  start: string,
  edges: ReadonlyMap<string, readonly string[]>,
  free: ReadonlySet<string>,
  told: Set<string>,
): string[][] {
  const path: string[] = [];
  let id: string | undefined = start;
  while (id !== undefined && !told.has(id)) {
    told.add(id);
    path.push(id);
    id = edges.get(id)?.find((each) => edges.has(each) && !free.has(each));
  }
  const from = id === undefined ? -1 : path.indexOf(id);
  return from === -1 ? [] : [[...path.slice(from), id as string]];
}
