import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { resolveName } from "../trail/resolve-name.ts";
import { readTrail, type Trail } from "../trail/trail.ts";
import { everything, type Session } from "./session.ts";

export interface TrailAnswer {
  readonly trail: Trail;
  readonly problems: readonly Diagnostic[];
}

/** `name` as people write it: `nist-basic:1.0`, `sci/nist-basic:1.0`, or a reference in full. Throws `RefusedError` for what is none. */
export async function trail(session: Session, name: string): Promise<TrailAnswer> {
  const state = await session.read(everything);
  const reference = resolveName(state.catalogue, name);
  return readTrail(reference, { ...state, registries: await session.asking(), signal: session.signal });
}
