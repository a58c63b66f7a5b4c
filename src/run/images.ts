import { imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ImageStatus } from "../judge/image-status.ts";
import type { Digest } from "../oci/digest.ts";
import { type StatedImage, statedOf } from "../published/published-at.ts";
import { createReader } from "../published/reader.ts";
import { mapBounded } from "../registry/limiter.ts";
import { readFurtherTags } from "../status/further.ts";
import { type ImagesDocument, imagesFrom } from "../status/images-document.ts";
import type { Session } from "./session.ts";
import { status } from "./status.ts";

/** What users can pull, as the file that a platform reads. */
export interface ImagesAnswer {
  readonly document: ImagesDocument;
  /** Images that the registry did not tell of. */
  readonly problems: readonly Diagnostic[];
  /** Copies that did not say what they have. */
  readonly copyProblems: readonly Diagnostic[];
}

export async function images(session: Session): Promise<ImagesAnswer> {
  const { catalogue, statuses: found, problems, copyProblems } = await status(session);
  const statuses = await withStatements(session, catalogue, found);
  return { document: imagesFrom(statuses, catalogue.settings.repo, problems.length === 0), problems, copyProblems };
}

/** What was made of a commit at any time says the commit's time; when it was published stands in its statement (B54). */
const withStatements = async (
  session: Session,
  catalogue: Catalogue,
  statuses: readonly ImageStatus[],
): Promise<ImageStatus[]> => {
  const finals = new Map(interfacedLayers(scienceGraph(catalogue.science)).map((each) => [imageVersion(each), each]));
  const reader = createReader(await session.asking(), session.signal);
  return mapBounded(statuses, 16, async (each) => {
    const { reference, digest } = each;
    if (digest === undefined) return each;
    const { at, resolves } = await reader.ask<StatedImage>(
      reference,
      ({ repository }) => statedOf(repository, digest as Digest),
      () => ({}),
    );
    const layer = finals.get(imageVersion(each));
    const tags = layer?.tags === undefined ? [] : await readFurtherTags(catalogue, layer, reader);
    const further = tags.flatMap((tag) => (tag.digest === digest ? [tag.reference] : []));
    return {
      ...each,
      ...(further.length > 0 && { further }),
      ...(at !== undefined && { built: at }),
      ...(resolves && { resolves }),
    };
  });
};
