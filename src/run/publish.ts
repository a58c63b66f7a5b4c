import { build } from "./build.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import type { Session } from "./session.ts";

/**
 * Builds what is not published yet and moves the stable tags when everything is there: in the catalogue's registry, or in the
 * layout that `output` names.
 */
export const publish = (
  session: Session,
  request: Omit<BuildRequest, "push"> = {},
  watch: BuildWatch = {},
): Promise<Outcome> => build(session, { ...request, push: request.output === undefined }, watch);
