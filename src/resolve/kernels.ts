import { z } from "zod";
import { baseName, parentPath } from "../files/entry.ts";
import { commandAt } from "./commands.ts";
import { pathsEndingIn } from "./index-search.ts";
import type { ResolvedName } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

interface Kernel {
  readonly key: string;
  readonly name: string;
  readonly variables: EnvironmentVariables;
  /** What its command line starts, as it is written there. */
  readonly word: string;
  readonly program: ResolvedName;
  /** The words behind it. */
  readonly words: readonly string[];
}

/**
 * The kernels that Jupyter offers and can start: of several of one name the first in the order of its folders
 * (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs).
 */
export function kernelsOf(view: View): Kernel[] {
  const paths = pathsEndingIn(view.facts.index, "/kernel.json").filter((path) =>
    /\/kernels\/[^/]+\/kernel\.json$/.test(path),
  );
  const kernels = new Map<string, Kernel>();
  for (const path of paths.sort((a, b) => rankOf(a, view) - rankOf(b, view))) {
    const id = baseName(parentPath(path)).toLowerCase();
    const kernel = kernels.has(id) ? undefined : kernelAt(path, id, view);
    if (kernel) kernels.set(id, kernel);
  }
  return [...kernels.values()];
}

/** JUPYTER_PATH, the user's, those of environments, those of the system. */
function rankOf(path: string, { variables, user }: View): number {
  const told = (variables.get("JUPYTER_PATH") ?? "").split(":").filter((each) => each !== "");
  const at = told.findIndex((folder) => `/${path}`.startsWith(`${folder}/`));
  if (at !== -1) return at - told.length;
  const home = variables.get("HOME") ?? user.home;
  if (`/${path}`.startsWith(`${home}/.local/share/jupyter/`)) return 0;
  return path.startsWith("usr/share/") ? 3 : path.startsWith("usr/local/share/") ? 2 : 1;
}

function kernelAt(path: string, id: string, view: View): Kernel | undefined {
  const spec = specOf(view.text(path));
  if (!spec) return undefined;
  const variables = new Map(view.variables);
  for (const [name, value] of Object.entries(spec.env))
    variables.set(
      name,
      value.replace(/\$\{(\w+)\}|\$(\w+)/g, (text, braced, bare) => view.variables.get(braced ?? bare) ?? text),
    );
  const [word = "", ...words] = spec.argv;
  const program =
    ownPython(word, path, view) ??
    commandAt(word.replaceAll("{resource_dir}", `/${parentPath(path)}`), view, variables);
  return (
    program && { key: `kernel ${id}`, name: `kernel "${spec.display_name ?? id}"`, variables, word, program, words }
  );
}

/** Jupyter puts its own Python in the place of a bare `python`; it is taken for that of the prefix that the kernel is in. */
function ownPython(word: string, path: string, view: View): ResolvedName | undefined {
  if (!/^python(?:3(?:\.\d+)?)?$/.test(word)) return undefined;
  const prefix = /^(.*)\/share\/jupyter\/kernels\//.exec(path)?.[1];
  return prefix === undefined ? undefined : commandAt(`/${prefix}/bin/python3`, view, view.variables);
}

const specSchema = z.object({
  argv: z.array(z.string()).default([]),
  display_name: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
});

function specOf(text: string | undefined): z.infer<typeof specSchema> | undefined {
  try {
    return text === undefined ? undefined : specSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
