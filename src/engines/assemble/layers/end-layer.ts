import type { StageState } from "../evaluate/stage-state.ts";
import { layerEntries } from "./layer-entries.ts";

/** Makes a layer of what changed since the last one; none where nothing did. */
export async function endLayer(state: StageState, createdBy: string, ofOneBase = false): Promise<void> {
  const { overlay } = await state.files();
  const entries = layerEntries(overlay.takeChanges(), overlay);
  if (entries.length > 0) state.layers.push({ entries, ofOneBase });
  state.addHistory(createdBy, entries.length > 0);
}
