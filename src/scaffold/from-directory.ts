import { posix } from "node:path";
import { definitionName, dockerfileName } from "../catalogue/list.ts";
import type { Catalogue, ScienceLayer } from "../catalogue/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import { contextSources } from "../dockerfile/context-sources.ts";
import type { Dockerfile, ImageReference } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { imageReferences } from "../dockerfile/references.ts";
import { scienceName } from "../naming/layer-name.ts";
import { parseReference } from "../oci/reference.ts";
import type { SourceFolder } from "./folder.ts";
import type { Scaffold, ScienceRequest } from "./model.ts";
import { conflictOf } from "./science.ts";
import { definitionText } from "./text.ts";

/**
 * A science layer out of a folder that was built another way: its files, a definition, and its Dockerfile, in which names of images that
 * are layers of this catalogue become edges. Warns of what stands in the way. Throws `RefusedError` where an image-version is taken.
 */
export function scaffoldFromDirectory(catalogue: Catalogue, request: ScienceRequest, source: SourceFolder): Scaffold {
  const directory = `science/${request.name}`;
  const file = `${directory}/${dockerfileName}`;
  const dockerfile = parseDockerfile(source.dockerfile);
  const references = imageReferences(dockerfile, {});
  const edges = references.flatMap((each) => edgeOf(each, catalogue.science) ?? []);
  const image = request.image ?? request.name;
  const version = request.version ?? labelOf(dockerfile, "version") ?? "1.0";
  const description = request.description ?? labelOf(dockerfile, "description");
  const parent = edges.find(({ reference }) => reference.final)?.layer;
  conflictOf(catalogue, { image, version }, parent);
  const compat = request.compat ?? mostUsed(catalogue) ?? false;
  const text = definitionText({ image, version, compat, description });
  const own = source.files.filter(({ path }) => path !== definitionName);
  return {
    directory,
    files: [
      { path: `${directory}/${definitionName}`, text, is: "created" },
      { path: file, text: withEdges(source.dockerfile, edges), is: "created" },
    ],
    copies: own.map((each) => ({
      ...each,
      path: `${directory}/${each.path}`,
      from: posix.join(source.path, each.path),
    })),
    says: [
      `${directory} defines ${image} ${version}${compat === false ? ", for others to build on" : ` with the interface ${compat}`}`,
      ...edges.map(
        ({ reference, layer }) => `${reference.written} is the layer ${layer.directory}: ${scienceName(layer)}`,
      ),
    ],
    warnings: obstacles(dockerfile, references, { ...source, files: own }, { file, text: source.dockerfile, edges }),
  };
}

interface Edge {
  readonly reference: ImageReference;
  readonly layer: ScienceLayer;
}

/** By the last part of its name and its version, whatever registry stands before it. Not what has no tag: nobody knows which is meant. */
function edgeOf(reference: ImageReference, science: readonly ScienceLayer[]): Edge | undefined {
  const named = parseReference(reference.name);
  if (named === undefined || named.digest !== undefined || reference.unresolved.length > 0) return undefined;
  const name = named.repository.split("/").at(-1) ?? "";
  if (named.registry === "docker.io" && named.repository.startsWith("library/") && !reference.written.includes(":"))
    return onlyOne(
      reference,
      science.filter((each) => each.target === name),
    );
  const layers = science.filter(({ target, image }) => target === name || image === name);
  const tag = named.tag ?? "latest";
  return onlyOne(
    reference,
    layers.filter(({ version, tags = [] }) => version === tag || tags.includes(tag)),
  );
}

const onlyOne = (reference: ImageReference, layers: readonly ScienceLayer[]): Edge | undefined => {
  const [layer] = layers;
  return layer !== undefined && layers.length === 1 ? { reference, layer } : undefined;
};

/** The last first, so that the places before stay what they are. What a variable is part of is left as it is. */
const withEdges = (text: string, edges: readonly Edge[]): string =>
  edges
    .filter(({ reference }) => reference.written === reference.name)
    .sort((a, b) => b.reference.range.start - a.reference.range.start)
    .reduce(
      (edited, { reference: { range }, layer }) =>
        edited.slice(0, range.start) + scienceName(layer) + edited.slice(range.end),
      text,
    );

function labelOf({ stages }: Dockerfile, name: "version" | "description"): string | undefined {
  const pairs = (stages.at(-1)?.instructions ?? [])
    .filter(({ keyword }) => keyword === "LABEL")
    .flatMap(({ args }) => [...args.matchAll(/(\S+?)=(?:"([^"$\\]*)"|([^\s"$\\]+))/g)]);
  const found = pairs.find(([, key]) => key === `org.opencontainers.image.${name}`);
  const value = found?.[2] ?? found?.[3];
  return name === "version" && value !== undefined && !/^\w[\w.-]{0,71}$/.test(value) ? undefined : value;
}

function mostUsed({ science, compat }: Catalogue): string | undefined {
  const counted = new Map<string, number>();
  for (const { compat: name } of science) if (name !== undefined) counted.set(name, (counted.get(name) ?? 0) + 1);
  return [...counted].sort(([, a], [, b]) => b - a)[0]?.[0] ?? (compat.length === 1 ? compat[0]?.name : undefined);
}

interface Written {
  readonly file: string;
  readonly text: string;
  readonly edges: readonly Edge[];
}

/** What a person has to decide or to mend, at its place in the Dockerfile that was read. */
function obstacles(
  dockerfile: Dockerfile,
  references: readonly ImageReference[],
  { files }: SourceFolder,
  { file, text, edges }: Written,
): Diagnostic[] {
  const say = (range: Range, message: string, help: string): Diagnostic =>
    warning("in-the-way", message, { ...locate(file, text, range), help });
  const isEdge = (reference: ImageReference) => edges.some((each) => each.reference === reference);
  const ofReferences = references.flatMap((reference) => {
    const { written, name, range, via, unresolved } = reference;
    if (unresolved.length > 0)
      return [
        say(
          range,
          `${written} needs a value for ${unresolved.join(", ")}`,
          `write it into "args" of the definition: { "${unresolved[0]}": "…" }`,
        ),
      ];
    if (isEdge(reference))
      return written === name
        ? []
        : [
            say(
              range,
              `${written} is a layer of this catalogue by way of an argument`,
              `write "args" so that it says ${edgeName(reference, edges)}`,
            ),
          ];
    if (via !== "from" && /^[a-z0-9_-]+$/i.test(name) && name !== "scratch")
      return [
        say(
          range,
          `${written} is a stage or a named context of the old build, if it is no image of Docker Hub`,
          `name a folder in "contexts", or copy from sci/TARGET:VERSION`,
        ),
      ];
    return [];
  });
  const ofFiles = contextSources(dockerfile, {}).flatMap(({ path, isPattern, written, range }) =>
    isPattern || path === "" || has(files, path)
      ? []
      : [
          say(
            range,
            `${written} is not in the folder: it was built with another one as its context`,
            'copy it there, or name the folder it is in in "contexts"',
          ),
        ],
  );
  const all = dockerfile.stages.flatMap(({ instructions }) => instructions);
  const mounts = all.flatMap(({ keyword, flags, range }) =>
    keyword === "RUN" ? flags.filter(({ name }) => name === "mount").map(({ value = "" }) => ({ value, range })) : [],
  );
  const ofSecrets = mounts.flatMap(({ value, range }) => {
    const [, id = "NAME"] = /(?:^|,)id=([^,]+)/.exec(value) ?? [];
    if (/(?:^|,)type=secret(?:,|$)/.test(value))
      return [
        say(
          range,
          `the build wants the secret ${JSON.stringify(id)}`,
          `write "secrets": [${JSON.stringify(id)}] into the definition`,
        ),
      ];
    if (!/(?:^|,)type=ssh(?:,|$)/.test(value)) return [];
    return [say(range, "builds are given no SSH agent", "fetch what needs it beforehand, and COPY it")];
  });
  const ofStart = (dockerfile.stages.at(-1)?.instructions ?? [])
    .filter(({ keyword }) => keyword === "ENTRYPOINT")
    .map(({ range }) =>
      say(
        range,
        "an interface puts its command on top, and this program would be given it",
        "leave ENTRYPOINT to the interface, or take care that it starts what it is given",
      ),
    );
  return [...ofReferences, ...ofFiles, ...ofSecrets, ...ofStart];
}

const edgeName = (reference: ImageReference, edges: readonly Edge[]): string => {
  const layer = edges.find((each) => each.reference === reference)?.layer;
  return layer === undefined ? "" : scienceName(layer);
};

const has = (files: SourceFolder["files"], path: string): boolean =>
  files.some((each) => each.path === path || each.path.startsWith(`${path}/`));
