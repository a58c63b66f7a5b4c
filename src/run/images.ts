import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type ImagesDocument, imagesFrom } from "../status/images-document.ts";
import type { Session } from "./session.ts";
import { status } from "./status.ts";

/** What users can pull, as the file that a platform reads. */
export interface ImagesAnswer {
  readonly document: ImagesDocument;
  /** Images that the registry did not tell of. */
  readonly problems: readonly Diagnostic[];
}

export async function images(session: Session): Promise<ImagesAnswer> {
  const { catalogue, statuses, problems } = await status(session);
  return { document: imagesFrom(statuses, catalogue.settings.repo, problems.length === 0), problems };
}
