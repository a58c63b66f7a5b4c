/** What differs between the pipelines of two sites, beyond what their maintainers write into them. */
export interface PipelineOptions {
  /** How a shell in a clone calls image-builder: `./image-builder` where the catalogue brings it. */
  readonly program: string;
  /** Branch of which every commit is published. */
  readonly branch: string;
  /** Build jobs side by side, at most. */
  readonly parts: number;
  /** Registry to log in at, `registry.example.org`. */
  readonly registry: string;
  /** Directories of the interfaces that a schedule builds anew, for `--refresh`. */
  readonly interfaces: readonly string[];
}

export interface PipelineFile {
  /** Below the catalogue's root, where the CI system looks for it. */
  readonly path: string;
  readonly text: string;
}

/** A CI system. */
export interface PipelineSystem {
  readonly name: string;
  /** Of `PipelineOptions.parts`, as the system's own limits have it. */
  readonly mostParts: number;
  /** The main file first. They do not grow with the catalogue: what is to be built is data, in the plan. */
  readonly files: (options: PipelineOptions) => readonly PipelineFile[];
}
