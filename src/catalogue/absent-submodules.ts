import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { printablePath } from "../oci/path-bytes.ts";

/** Submodules within `science/` and `compat/` that are not checked out, without asking git: as `.gitmodules` names them. */
export function absentSubmodules(root: string): Diagnostic[] {
  const top = topOf(root);
  const file = top === undefined ? undefined : join(top, ".gitmodules");
  if (top === undefined || file === undefined || !existsSync(file)) return [];
  const paths = [...readFileSync(file, "utf8").matchAll(/^\s*path\s*=\s*"?(.*?)"?\s*$/gm)].map(([, path = ""]) => path);
  return paths.flatMap((path) => {
    const within = relative(root, join(top, path)).split(sep).join("/");
    if (!/^(science|compat)(\/|$)/.test(within) || existsSync(join(top, path, ".git"))) return [];
    return [absentSubmodule(within)];
  });
}

/** The nearest folder from here upwards that is a work tree. */
function topOf(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

export const absentSubmodule = (path: string): Diagnostic =>
  error(
    "absent-submodule",
    `the submodule ${printablePath(path)} is not checked out, and images would lack its files`,
    {
      at: { file: path, line: 1, column: 1 },
      help: "run git submodule update --init --recursive (in CI: submodules: recursive on GitHub, GIT_SUBMODULE_STRATEGY: recursive on GitLab)",
    },
  );
