import { build } from "./build.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import type { Session } from "./session.ts";

/** `build` with `push`: nothing is built that is published already, and stable tags move when everything is there. */
export const publish = (
  session: Session,
  request: Omit<BuildRequest, "push" | "output"> = {},
  watch: BuildWatch = {},
): Promise<Outcome> => build(session, { ...request, push: true }, watch);
