import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import { imageReferences } from "../dockerfile/references.ts";
import { sourcesOf } from "../dockerfile/sources.ts";
import { locateKey } from "./check-compat.ts";
import type { CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";

type Layer = ScienceLayer | CompatLayer;

interface LinkedFolders {
  /** Those of the layer, with the places that name them; absent where it has none. */
  readonly contexts?: readonly SharedFolder[];
  readonly problems: readonly Diagnostic[];
}

/**
 * Finds where a Dockerfile names the folders that its layer shares (B49). A folder is no image to start from, its name is no
 * stage's, and what stands behind ONBUILD is carried out where nobody knows of it.
 */
export function linkFolders(layer: Layer, dockerfile: Dockerfile): LinkedFolders {
  const { contexts } = layer;
  if (contexts === undefined) return { problems: [] };
  const references = imageReferences(dockerfile, layer.args);
  const linked = contexts.map((shared) => {
    const named = references.filter(({ name }) => name.toLowerCase() === shared.name);
    return {
      shared,
      uses: named.filter(({ via }) => via !== "from"),
      starts: named.filter(({ via }) => via === "from"),
    };
  });
  return {
    contexts: linked.map(({ shared, uses, starts }) => ({
      ...shared,
      uses: [...uses, ...starts].map(({ range }) => range),
    })),
    problems: linked.flatMap(({ shared, starts }) => [
      ...starts.map(({ range }) => noBase(layer, shared, range)),
      ...stagesCalled(layer, shared, dockerfile),
      ...triggersNaming(layer, shared, dockerfile),
    ]),
  };
}

const noBase = (layer: Layer, { name, directory }: SharedFolder, range: Range): Diagnostic =>
  error("context-as-base", `"${name}" is the folder ${directory}, and an image cannot start from a folder`, {
    ...at(layer, range),
    help: `write FROM scratch, and COPY --from=${name} . / behind it`,
  });

function stagesCalled(layer: Layer, { name, directory }: SharedFolder, { stages }: Dockerfile): Diagnostic[] {
  const called = stages.filter((each) => each.name === name);
  return called.map(({ from }) =>
    error("context-named-like-stage", `this stage has the name "${name}", and so has the folder ${directory}`, {
      ...at(layer, from.words[2]?.range ?? from.range),
      notes: [{ message: "the folder is named here", at: locateKey(layer, `contexts.${name}`).at }],
      help: "give one of them another name",
    }),
  );
}

function triggersNaming(layer: Layer, { name, directory }: SharedFolder, { instructions }: Dockerfile): Diagnostic[] {
  const behind = instructions.flatMap(({ inner }) => (inner === undefined ? [] : sourcesOf(inner)));
  const naming = behind.filter(({ written }) => written.toLowerCase() === name);
  return naming.map(({ range }) =>
    error(
      "context-in-trigger",
      `"${name}" stands for ${directory} in this layer alone, and not where ONBUILD is carried out`,
      {
        ...at(layer, range),
        help: `copy it into this image, COPY --from=${name}, and use it from there`,
      },
    ),
  );
}

const at = ({ dockerfile: { path, text } }: Layer, range: Range) => locate(path, text, range);
