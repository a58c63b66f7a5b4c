import type { Diagnostic } from "../diagnostics/diagnostic.ts";
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
  const { catalogue, plan: made, options, unread } = await plan(session, request);
  return { explanation: explainImage(catalogue, made, options, image), unread };
}
