import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ChosenEngines } from "../engines/choice/choose-engines.ts";
import { readContexts } from "../engines/context.ts";
import { sourceAddress } from "../git/remote.ts";
import { chooseEach, engineRequest } from "./choice.ts";
import type { BuildRequest } from "./model.ts";
import type { Planned } from "./plan.ts";
import type { Session } from "./session.ts";

/** What each build is made of, and which engine makes it. Throws `RefusedError` for an engine that is none or cannot. */
export async function compose(
  { signal }: Session,
  { plan, catalogue, changes }: Planned,
  { push, output }: BuildRequest,
): Promise<ChosenEngines> {
  const request = engineRequest({ push, output, engine: catalogue.settings.engine });
  const directories = contextDirectories(plan, catalogue);
  const contexts = await readContexts(catalogue.root, directories, { untracked: changes.untracked, signal });
  const source = await sourceAddress(catalogue.root);
  return chooseEach(composeBuilds(plan, catalogue, contexts, { source }), catalogue, request);
}
