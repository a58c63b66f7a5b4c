import { compatKeys, inputValues, scienceKeys } from "../catalogue/keys.ts";
import type { CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { usedFolders } from "../catalogue/read-folders.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import { layerFiles, sharedFiles } from "./context.ts";
import type { ContextFile } from "./model.ts";

/**
 * Digest of all that a science directory gives to its image: the Dockerfile's text, the files of the context with their
 * type, mode and digest, those of the folders that it shares with others, and the keys of the definition that a build reads (`catalogue/keys.ts`). Not in it: where the catalogue lies, times,
 * owners, parents, and the keys that are in the tag already (`image`, `version`, `target`). It is the sha256 of the line
 * `image-builder inputs 1` and the canonical JSON of these; another reading of them gets another number in that line.
 */
export const scienceInputs = (layer: ScienceLayer, filesOf: FilesOf): Digest =>
  inputsDigest({
    kind: "science",
    dockerfile: layer.dockerfile.text,
    ...inputValues(layer, scienceKeys),
    ...readInputs(layer, filesOf),
  });

/** Files of a folder, as `Contexts` has them. */
type FilesOf = (directory: string) => readonly ContextFile[];

/** The same for a compat stack, lowest first, as it comes to be on any science image. */
export const compatInputs = (stack: readonly CompatLayer[], filesOf: FilesOf): Digest =>
  inputsDigest({
    kind: "compat",
    layers: stack.map((layer) => ({
      name: layer.name,
      dockerfile: layer.dockerfile.text,
      ...inputValues(layer, compatKeys),
      ...readInputs(layer, filesOf),
    })),
  });

/** Which folder a name stands for makes no difference, as long as the same is in it. */
function readInputs(layer: ScienceLayer | CompatLayer, filesOf: FilesOf): object {
  const shared = usedFolders(layer).map((each) => [each.name, sharedFiles(each, filesOf).map(fileInputs)] as const);
  const contexts = shared.length === 0 ? {} : { contexts: Object.fromEntries(shared) };
  return { ...contexts, files: layerFiles(layer, filesOf(layer.directory)).map(fileInputs) };
}

const inputsDigest = (value: object): Digest =>
  sha256Digest(Buffer.concat([Buffer.from("image-builder inputs 1\n"), canonicalJson(value)]));

export const fileInputs = ({ path, type, mode, digest }: ContextFile): object => ({ path, type, mode, digest });
