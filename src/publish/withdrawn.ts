import type { WithdrawnImage } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { parseLayerPath } from "../naming/layer-name.ts";
import { parseReference } from "../oci/reference.ts";
import type { TagUnit } from "./units.ts";

/** Moves that would give users a build that must not be used any more; each is an error. */
export const withdrawnMoves = (units: readonly TagUnit[], withdrawn: readonly WithdrawnImage[]): Diagnostic[] =>
  units
    .flatMap(({ moves }) => moves)
    .flatMap(({ reference, to }) => {
      const path = parseLayerPath(parseReference(reference)?.repository ?? "");
      const image = path?.kind === "rel" ? path.name : undefined;
      const found = withdrawn.find((each) => each.image === image && each.digest === to);
      return found ? [refusal(reference, found)] : [];
    });

const refusal = (reference: string, { image, tag, reason }: WithdrawnImage): Diagnostic =>
  error("withdrawn-build", `${reference} may not point at ${image}:${tag}, which is withdrawn: ${reason}`, {
    notes: [{ message: "no tag was moved" }],
    help: `choose another build, or take it back with image-builder withdraw --undo ${image}:${tag}`,
  });
