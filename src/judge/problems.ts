import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import type { PublishedImage } from "../published/image.ts";
import type { ImageStatus } from "./image-status.ts";
import type { Published } from "./model.ts";

/** One line for each image whose labels do not tell what it is. */
export function labelProblems(statuses: readonly ImageStatus[], { rel }: Pick<Published, "rel">): Diagnostic[] {
  return statuses.flatMap((status) => {
    const reading = rel.get(imageVersion(status));
    return reading?.kind === "image" ? badLabels(reading.image) : [];
  });
}

export function badLabels({ reference, crumbs }: PublishedImage): Diagnostic[] {
  const notes = crumbs.broken.map((message) => ({ message }));
  if (notes.length > 0)
    return [
      error("broken-labels", `the labels of ${reference} are cut off or not those of a build: ${notes[0]?.message}`, {
        notes: notes.slice(1),
      }),
    ];
  if (crumbs.compat !== undefined || crumbs.science.length > 0) return [];
  return [
    error("no-labels", `${reference} carries no labels of a build, so it cannot be told what it is`, {
      help: "build it again with --push, or move its tag back with image-builder rollback",
    }),
  ];
}

/** More images than this with one and the same problem are told as one: a login that is missing is missing for all. */
const most = 3;

/** Each problem once, and what is said of many images in the same words as one problem with a note for each. */
export function groupProblems(problems: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const problem of new Map(problems.map((each) => [JSON.stringify(each), each])).values()) {
    const key = sameness(problem);
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  return [...groups].flatMap(([key, group]) => (group.length > most ? [together(key, group)] : group));
}

const unreadable = /^(\S+) cannot be read: ([^]*)$/;

const sameness = ({ code, message }: Diagnostic): string => unreadable.exec(message)?.[2] ?? `${code} ${message}`;

function together(why: string, group: readonly Diagnostic[]): Diagnostic {
  const [first] = group;
  const names = group.flatMap(({ message }) => unreadable.exec(message)?.[1] ?? []);
  const notes = [...(first?.notes ?? []), ...names.map((message) => ({ message }))];
  const help = first?.help === undefined ? {} : { help: first.help };
  const code = isInfrastructure(group) && first ? first.code : "unreadable-images";
  return error(code, `${group.length} images or lists of tags cannot be read: ${why}`, {
    notes,
    ...help,
  });
}
