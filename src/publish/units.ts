import type { Digest } from "../oci/digest.ts";
import type { Plan, PlannedBuild } from "../plan/model.ts";

/** A stable tag that is to point to another image. */
export interface TagMove {
  /** Reference with the stable tag. */
  readonly reference: string;
  /** What it pointed to when the run looked; undefined where there was no such tag. */
  readonly from?: Digest;
  readonly to: Digest;
}

/** The stable tags of one image-version, which are moved together. */
export interface TagUnit {
  /** `nist-basic:2.0` */
  readonly image: string;
  /**
   * In the order in which they are moved: `rel/` first, then the science layers from the final one downwards. So there is
   * no moment at which a science image is offered to new builds and the users' image on it is not. The further tags of an image
   * come right after its stable tag.
   */
  readonly moves: readonly TagMove[];
}

/**
 * The moves that a plan asks for, one unit for each image-version of which every build succeeded. `built`: digests of manifests
 * by build id; `stable`: what the stable and further tags point to now, by reference. Tags that need not move are left out.
 */
export function planMoves(
  plan: Plan,
  built: ReadonlyMap<string, Digest>,
  stable: ReadonlyMap<string, Digest>,
): TagUnit[] {
  const units = new Map<string, PlannedBuild[]>();
  for (const build of plan.builds) {
    const image = `${build.image}:${build.version}`;
    units.set(image, [...(units.get(image) ?? []), build]);
  }
  return [...units]
    .filter(([, builds]) => builds.every(({ id }) => built.has(id)))
    .map(([image, builds]) => ({ image, moves: inOrder(builds).flatMap((build) => moveOf(build, built, stable)) }))
    .filter(({ moves }) => moves.length > 0);
}

const inOrder = (builds: readonly PlannedBuild[]): PlannedBuild[] => [
  ...builds.filter(({ kind }) => kind === "compat"),
  ...builds.filter(({ kind }) => kind === "science").reverse(),
];

function moveOf(
  { id, tags }: PlannedBuild,
  built: ReadonlyMap<string, Digest>,
  stable: ReadonlyMap<string, Digest>,
): TagMove[] {
  const to = built.get(id);
  return tags.slice(1).flatMap((reference) => {
    const from = stable.get(reference);
    return to === undefined || from === to ? [] : [{ reference, ...(from === undefined ? {} : { from }), to }];
  });
}
