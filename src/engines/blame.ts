import type { Range } from "../diagnostics/text.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import { type Blame, type Dialect, dialects } from "./dialects.ts";
import type { ReadyBuild } from "./model.ts";
import { locateReady } from "./place.ts";

/** Listens to an engine while it builds: which part of the Dockerfile was it at when it failed? */
export interface Blamed {
  /** To be told every line that the engine says. */
  readonly hear: (line: string) => void;
  /** Where that part stands in the catalogue; undefined where it is not known, or was written by image-builder. */
  readonly place: () => ReturnType<typeof locateReady>;
}

export function listen(dialect: Dialect, ready: ReadyBuild): Blamed {
  const listener = dialects[dialect]();
  let blame: Blame | undefined;
  return {
    hear(line) {
      blame = listener(line) ?? blame;
    },
    place() {
      const range: Range | undefined = blame?.(parseDockerfile(ready.dockerfile));
      return range && locateReady(ready, range);
    },
  };
}
