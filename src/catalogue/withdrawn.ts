import type { Settings, WithdrawnImage } from "./model.ts";

/** A published build of an image. */
interface BuildName {
  readonly image: string;
  /** The unique tag. */
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** The withdrawal that a build falls under: no stable tag may point at it. */
export const withdrawalOf = (
  { withdrawn }: Pick<Settings, "withdrawn">,
  { image, tag, digest }: BuildName,
): WithdrawnImage | undefined =>
  withdrawn.find(
    (each) => each.image === image && (each.tag === tag || (each.digest !== undefined && each.digest === digest)),
  );
