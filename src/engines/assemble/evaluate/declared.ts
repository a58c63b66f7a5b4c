import { applyDeclared } from "../../../compose/declared-user.ts";
import type { DeclaredSection } from "../../../compose/model.ts";
import type { Accounts } from "../../../files/entry.ts";
import { encodePath } from "../../../oci/path-bytes.ts";
import type { Overlay } from "../files/overlay.ts";
import { resolvePath } from "../files/resolve-path.ts";
import type { Sources } from "../files/sources.ts";
import { fixedTime, folderNode } from "../files/tree.ts";
import { makeFolders } from "../layers/copy.ts";
import { endLayer } from "../layers/end-layer.ts";
import { currentAccounts } from "./accounts.ts";
import type { StageState } from "./stage-state.ts";

/** Makes the user and the directories that a compat layer declares, in a layer of their own. */
export async function declare(state: StageState, section: DeclaredSection, sources: Sources): Promise<void> {
  const { overlay } = await state.files();
  const before = await currentAccounts(state, sources);
  const { accounts, directories } = applyDeclared(section, before);
  writeAccounts(overlay, before, accounts);
  for (const { path, uid, gid, mode, onlyIfAbsent } of directories) {
    const resolved = resolvePath(overlay, path);
    if (onlyIfAbsent && overlay.get(resolved)) continue;
    makeFolders(overlay, resolved);
    overlay.set(resolved, { ...folderNode, ...xattrsOf(overlay, resolved), uid, gid, mode });
  }
  await endLayer(state, `declared by compat/${section.layer}`, true);
}

const xattrsOf = (overlay: Overlay, path: string) => {
  const xattrs = overlay.get(path)?.xattrs;
  return xattrs ? { xattrs } : {};
};

function writeAccounts(overlay: Overlay, before: Accounts, after: ReturnType<typeof applyDeclared>["accounts"]): void {
  for (const name of ["passwd", "group"] as const) {
    const text = after[name];
    if (text !== undefined && text !== before[name]) writeText(overlay, `etc/${name}`, text);
  }
}

/** A file that is there keeps its mode, owner and attributes. */
function writeText(overlay: Overlay, path: string, text: string): void {
  const resolved = resolvePath(overlay, path);
  makeFolders(overlay, resolved.slice(0, Math.max(0, resolved.lastIndexOf("/"))));
  const bytes = encodePath(text);
  const { identity: _, ...existing } = overlay.get(resolved) ?? { ...folderNode, type: "file" as const, mode: 0o644 };
  overlay.set(resolved, { ...existing, mtime: fixedTime, size: bytes.length, content: { kind: "bytes", bytes } });
}
