import type { Fragment } from "../catalogue/compat-fragments.ts";
import type { CompatLayer } from "../catalogue/model.ts";
import type { CataloguePart, DockerfileTemplate } from "./model.ts";

export interface StackPart {
  readonly layer: CompatLayer;
  readonly fragment: Fragment;
  /** The layer's Dockerfile before anything is done to it. */
  readonly whole: DockerfileTemplate;
  /** Where the layer declares a user or directories; undefined where it declares none. */
  readonly declaredAt?: CataloguePart;
}

/**
 * Names for the stages of a stack, by layer and in the order of its stages: `jupyter-ui` for stage `ui` of `jupyter`,
 * `jupyter-0` for a first stage without name. Two layers cannot get the same, nor can a stage hide an image of that name.
 */
export function nameStages(parts: readonly StackPart[]): ReadonlyMap<string, readonly string[]> {
  const taken = new Set(parts.flatMap(({ layer }) => layer.bases.map(({ name }) => name.toLowerCase())));
  return new Map(
    parts.map(({ layer, fragment }) => [
      layer.name,
      fragment.stages.map((stage, index) => unused(stageName(layer.name, stage.name ?? String(index)), taken)),
    ]),
  );
}

/** In the grammar of stage names: https://github.com/moby/buildkit/blob/v0.17.0/frontend/dockerfile/instructions/parse.go */
function stageName(layer: string, stage: string): string {
  const name = `${layer}-${stage}`.toLowerCase().replace(/[^a-z0-9._-]/g, "-");
  return /^[a-z]/.test(name) ? name : `layer-${name}`;
}

function unused(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${name}-${count}`;
  taken.add(candidate);
  return candidate;
}
