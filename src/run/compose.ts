import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import { readContexts } from "../engines/context.ts";
import { sourceAddress } from "../git/remote.ts";
import { type Choice, chooseEach, type Destination, engineWish } from "./choice.ts";
import type { Planned } from "./plan.ts";
import type { Session } from "./session.ts";

/** A plan that says which engine makes each of its builds, and the builds. */
export type Composed = Planned & Choice;

/**
 * What each build is made of, and which engine makes it; the plan is completed with that. The one composition of a run that
 * builds. Throws `RefusedError` for an engine that is none or cannot.
 */
export async function compose(session: Session, planned: Planned, destination: Destination): Promise<Composed> {
  const { plan, catalogue, changes } = planned;
  const wish = engineWish(session, catalogue, destination);
  const directories = contextDirectories(plan, catalogue);
  const { signal, scratch } = session;
  const contexts = await readContexts(catalogue.root, directories, { ...changes, signal, scratch });
  const source = await sourceAddress(catalogue.root);
  return { ...planned, ...chooseEach(composeBuilds(plan, catalogue, contexts, { source }), plan, wish) };
}
