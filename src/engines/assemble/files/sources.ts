import type { BaseImage } from "../evaluate/stage-state.ts";
import type { Node, Tree } from "./tree.ts";

/** What evaluating a Dockerfile needs from outside. */
export interface Sources {
  /** Ends the evaluation. */
  readonly signal?: AbortSignal;
  /** The image that FROM names. */
  base(reference: string): Promise<BaseImage>;
  /** The files of an image that `COPY --from` names; `paths` are the sources that will be asked for. */
  files(reference: string, paths: readonly string[]): Promise<Tree>;
  /** What is in an archive, in its order; undefined when the file is none that ADD unpacks. */
  archive(file: Node): Promise<readonly ArchiveItem[] | undefined>;
  /** A small text, bytes as in `oci/path-bytes.ts`. */
  text(file: Node): Promise<string>;
}

export interface ArchiveItem {
  /** Cleaned; never out of the archive. */
  readonly path: string;
  /** Absent for a hard link to what is not in the archive before it. */
  readonly node?: Node;
  /** Where such a link leads, in the destination, and what it makes of the file there. */
  readonly linked?: { readonly path: string; readonly facts: Pick<Node, "mode" | "uid" | "gid" | "mtime"> };
}
