import { currentAccounts } from "./accounts.ts";
import { makeFolders } from "./copy.ts";
import { endLayer } from "./end-layer.ts";
import { namesAccounts, parseOwner } from "./owner.ts";
import { cleanPath, resolvePath } from "./resolve-path.ts";
import type { Sources } from "./sources.ts";
import type { StageState } from "./stage-state.ts";

/** WORKDIR: the folder is made where it is not there, and belongs to the USER of that moment. */
export async function workdir(state: StageState, path: string, sources: Sources): Promise<void> {
  const absolute = path.startsWith("/") ? path : `${state.config.WorkingDir ?? "/"}/${path}`;
  const clean = cleanPath(absolute);
  state.config = { ...state.config, WorkingDir: `/${clean}` };
  if (clean !== "") await makeFolder(state, clean, sources);
  await endLayer(state, `WORKDIR /${clean}`);
}

async function makeFolder(state: StageState, path: string, sources: Sources): Promise<void> {
  const { overlay } = await state.files();
  const resolved = resolvePath(overlay, path);
  if (overlay.get(resolved)?.type === "directory") return;
  const user = state.config.User ?? "";
  const accounts = namesAccounts(user) ? await currentAccounts(state, sources) : {};
  makeFolders(overlay, resolved, user === "" ? undefined : parseOwner(user, accounts));
}
