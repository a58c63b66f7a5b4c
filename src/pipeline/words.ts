import type { PipelineOptions } from "./model.ts";

/** The first lines of every file. */
export const heading = (name: string, mark = "#"): string =>
  [
    `${mark} Written by: image-builder pipeline --for ${name}. It is yours to edit. It is the same for ten layers and for`,
    `${mark} ten thousand: what is to be built stands in the plan, and build jobs take parts of it.`,
  ].join("\n");

/**
 * Runs a command up to three times, as long as it ends with 75: the infrastructure failed, and what was built stays in the
 * registry. For a shell that ends at the first failure.
 */
export const threeTimes = (command: string): string =>
  `for try in 1 2 3; do code=0; ${command} || code=$?; [ $code -eq 75 ] || exit $code; sleep 60; done; exit 75`;

/** The options of `plan` by which interfaces are built anew. */
export const refreshed = ({ interfaces }: PipelineOptions): string =>
  interfaces.map((each) => `--refresh ${each}`).join(" ");

/** Builds for each job, below which another one is not worth its start. */
export const buildsPerJob = 4;
