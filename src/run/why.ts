import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Refreshes } from "../judge/refreshes.ts";
import { type Explanation, explainImage } from "../plan/why.ts";
import { type PlanRequest, plan } from "./plan.ts";
import type { Session } from "./session.ts";

/** Why a plan has an image, or which rule keeps it out. */
export interface Explained {
  readonly explanation: Explanation;
  /** As in `Planned`. */
  readonly unread: readonly Diagnostic[];
}

/** `image`: an image-version, an image, a target or a directory. Throws `RefusedError` for what is none of them. */
export async function why(session: Session, image: string, request: PlanRequest = {}): Promise<Explained> {
  const { catalogue, plan: made, options, unread, refreshes } = await plan(session, request);
  const explanation = explainImage(catalogue, made, options, image);
  return { explanation: refreshes ? withRefreshes(explanation, refreshes) : explanation, unread };
}

/** What is current may be so because it was built anew, which no difference in git explains. */
function withRefreshes(explanation: Explanation, refreshes: Refreshes): Explanation {
  const builds = explanation.builds.map((each) => {
    const refreshed = refreshes
      .get(each.id)
      ?.map(({ name, kind, tag, refreshed: asked = "" }) => ({ name, kind, tag, asked }));
    return refreshed === undefined ? each : { ...each, refreshed };
  });
  return { ...explanation, builds };
}
