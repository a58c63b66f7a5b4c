import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type ImageHistory, readHistory } from "../trail/history.ts";
import type { Session } from "./session.ts";

export interface HistoryAnswer {
  readonly histories: readonly ImageHistory[];
  readonly problems: readonly Diagnostic[];
}

/** Every published build of an image-version (`nist-basic:1.0`), or of all versions of an image. Throws `RefusedError` for a name that is none. */
export async function history(session: Session, name: string): Promise<HistoryAnswer> {
  const catalogue = await session.catalogue();
  return readHistory(name, { catalogue, registries: await session.asking(), signal: session.signal });
}
