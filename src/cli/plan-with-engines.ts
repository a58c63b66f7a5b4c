import type { Catalogue } from "../catalogue/model.ts";
import type { Plan } from "../plan/model.ts";
import type { Destination } from "../run/choice.ts";
import type { Call } from "./command.ts";

/** Says of each build which engine makes it and why, where that is shown: composing costs time that a short plan need not pay. */
export async function planWithEngines(
  plan: Plan,
  catalogue: Catalogue,
  destination: Destination,
  { values }: Call,
): Promise<Plan> {
  const isShown = values.text("format") === "json" || values.count("verbose") > 1;
  if (!isShown && destination.engine === undefined) return plan;
  const { engineRequest, withEngines } = await import("../run/choice.ts");
  return withEngines(plan, catalogue, engineRequest(destination));
}
