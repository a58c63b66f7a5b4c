import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
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
