import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { layerKey } from "../naming/build-id.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/model.ts";
import type { Destination } from "./choice.ts";
import type { Session } from "./session.ts";

/** Whether one of the interfaces comes onto a science layer with ONBUILD, which an engine may not be able to leave alone. */
export function meetsTriggers({ builds }: Plan, { science }: Catalogue): boolean {
  const keys = new Set(science.filter(({ dockerfile }) => hasTrigger(dockerfile.text)).map(layerKey));
  return builds.some((each) => each.kind === "compat" && each.fixed === undefined && keys.has(each.science));
}

const hasTrigger = (text: string): boolean => /^\s*onbuild\s/im.test(text);

/**
 * A problem for each build of a catalogue without errors that its engine cannot make. Composes what may be concerned alone: every
 * build where `image-builder.json` or the command line names one engine for all, else interfaces on layers with ONBUILD.
 */
export async function impossibleBuilds(
  session: Pick<Session, "options">,
  catalogue: Catalogue,
): Promise<readonly Diagnostic[]> {
  const isForced = catalogue.settings.engine !== undefined;
  const layers = catalogue.science.filter(({ dockerfile }) => isForced || hasTrigger(dockerfile.text));
  if (layers.length === 0) return [];
  const keys = new Set(layers.map(layerKey));
  const everything = makePlan(catalogue, unknownChanges, { include: [], ignore: [] });
  const builds = everything.builds.filter(
    (each) => isForced || (each.kind === "compat" && each.fixed === undefined && keys.has(each.science)),
  );
  return unmakeable({ ...everything, builds }, catalogue, session, { push: true });
}

/** A problem for each build of a plan that its engine cannot make. */
export async function unmakeable(
  plan: Plan,
  catalogue: Catalogue,
  session: Pick<Session, "options">,
  destination: Destination,
): Promise<readonly Diagnostic[]> {
  const { engineWish, withEngines } = await import("./choice.ts");
  try {
    withEngines(plan, catalogue, engineWish(session, catalogue, destination));
    return [];
  } catch (failure) {
    if (failure instanceof RefusedError) return failure.diagnostics;
    throw failure;
  }
}

/** Which commit it is makes no difference to what an engine can do. */
const unknownChanges: ChangeSet = {
  since: { kind: "all" },
  head: { commit: "0".repeat(40), abbreviated: "0000000", count: 0, committed: 0, dirty: false },
  files: [],
  committed: [],
  untracked: [],
  formerDefinitions: [],
  warnings: [],
};
