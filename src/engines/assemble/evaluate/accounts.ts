import type { Accounts } from "../../../files/entry.ts";
import { resolvePath } from "../files/resolve-path.ts";
import type { Sources } from "../files/sources.ts";
import type { Tree } from "../files/tree.ts";
import type { StageState } from "./stage-state.ts";

/** `/etc/passwd` and `/etc/group` as they are after the instructions so far. */
export async function currentAccounts(state: StageState, sources: Sources): Promise<Accounts> {
  const { overlay, base } = await state.files();
  const [passwd, group] = await Promise.all([
    readAccount(overlay, "etc/passwd", base.passwd, sources),
    readAccount(overlay, "etc/group", base.group, sources),
  ]);
  return { ...(passwd !== undefined && { passwd }), ...(group !== undefined && { group }) };
}

async function readAccount(
  tree: Tree,
  path: string,
  ofBase: string | undefined,
  sources: Sources,
): Promise<string | undefined> {
  const resolved = resolvePath(tree, path);
  const node = tree.get(resolved);
  const content = node?.content;
  if (node === undefined || content === undefined) return undefined;
  const isOfBase = content.kind === "layer" && resolved === path && content.place.path === path;
  return isOfBase && ofBase !== undefined ? ofBase : sources.text(node);
}
