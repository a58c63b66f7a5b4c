import { cleanPath, resolvePath } from "../files/resolve-path.ts";
import type { Sources } from "../files/sources.ts";
import { makeFolders } from "../layers/copy.ts";
import { endLayer } from "../layers/end-layer.ts";
import { currentAccounts } from "./accounts.ts";
import { namesAccounts, parseOwner } from "./owner.ts";
import type { StageState } from "./stage-state.ts";

/** WORKDIR: the folder is made where it is not there, and belongs to the USER of that moment. */
export async function workdir(state: StageState, written: string, sources: Sources): Promise<void> {
  if (written === "") return state.addHistory(`WORKDIR ${state.config.WorkingDir || "/"}`, false);
  // BuildKit keeps an absolute path as it is written, slashes and all.
  const path = written.startsWith("/") ? written : `/${cleanPath(`${state.config.WorkingDir ?? ""}/${written}`)}`;
  const clean = cleanPath(path);
  state.config = { ...state.config, WorkingDir: path };
  if (clean !== "") await makeFolder(state, clean, sources);
  await endLayer(state, `WORKDIR ${path}`);
}

async function makeFolder(state: StageState, path: string, sources: Sources): Promise<void> {
  const { overlay } = await state.files();
  const resolved = resolvePath(overlay, path);
  if (overlay.get(resolved)?.type === "directory") return;
  const user = state.config.User ?? "";
  const accounts = namesAccounts(user) ? await currentAccounts(state, sources) : {};
  makeFolders(overlay, resolved, user === "" ? undefined : parseOwner(user, accounts));
}
