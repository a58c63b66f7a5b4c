import type { CompatLayer, ScienceLayer, SharedFolder } from "../catalogue/model.ts";
import { usedFolders } from "../catalogue/read-folders.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { digestHex, sha256Digest } from "../oci/digest.ts";
import { sharedFiles } from "./context.ts";
import { fileInputs } from "./inputs.ts";
import type { ContextFile, SharedContext } from "./model.ts";
import type { Edit } from "./text-pieces.ts";

interface SharedContexts {
  readonly contexts: readonly SharedContext[];
  /** Of the layer's Dockerfile. */
  readonly edits: readonly Edit[];
}

/**
 * The folders that a layer shares with others as its build gets them. Their names are the layer's alone, so that two layers of a stack
 * may give one name to two folders: each gets the name of an image of this machine that nobody else has, by what is in it.
 */
export function sharedContexts(
  layer: ScienceLayer | CompatLayer,
  filesOf: (directory: string) => readonly ContextFile[],
): SharedContexts {
  const named = usedFolders(layer).map((folder) => ({ folder, context: contextOf(folder, filesOf) }));
  return {
    contexts: named.map(({ context }) => context),
    edits: named.flatMap(({ folder, context }) =>
      folder.uses.map(
        (range): Edit => ({
          range,
          put: context.reference,
          origin: { source: layer.dockerfile, offset: range.start, length: range.end - range.start },
        }),
      ),
    ),
  };
}

function contextOf(folder: SharedFolder, filesOf: (directory: string) => readonly ContextFile[]): SharedContext {
  const files = sharedFiles(folder, filesOf);
  const digest = digestHex(sha256Digest(canonicalJson(files.map(fileInputs))));
  return { reference: `localhost/image-builder/context/${component(folder.name)}:${digest.slice(0, 32)}`, files };
}

/** The name, so that people recognize it in what an engine says, as a repository may be called. */
const component = (name: string): string => name.replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");

export function withContexts(contexts: readonly SharedContext[]): { readonly contexts?: readonly SharedContext[] } {
  const once = new Map(contexts.map((each) => [each.reference, each]));
  return once.size === 0 ? {} : { contexts: [...once.values()] };
}
