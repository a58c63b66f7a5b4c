import { readJson } from "../catalogue/json.ts";
import { definitionName, dockerfileName, ignoreName } from "../catalogue/list.ts";
import type { ScienceLayer } from "../catalogue/model.ts";
import type { ChangedFile } from "../changes/model.ts";
import { sameInstructions } from "../dockerfile/equality.ts";
import { createMatcher, parseIgnoreFile } from "../dockerfile/ignore.ts";
import type { Instruction } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";

/**
 * Why none of a layer's changes can reach its image, one sentence part for each kind of change (B13); undefined when
 * one of them can, or when that cannot be told.
 */
export function whyUnreached(layer: ScienceLayer, files: readonly ChangedFile[]): string[] | undefined {
  const reasons = new Set<string>();
  const reads = contextReads(layer.dockerfile.text);
  const ignored = layer.ignore && createMatcher(parseIgnoreFile(layer.ignore.text).patterns);
  for (const file of files) {
    const why = whyFileUnreached(layer, file, reads, ignored);
    if (why === undefined) return undefined;
    reasons.add(why);
  }
  return [...reasons];
}

function whyFileUnreached(
  layer: ScienceLayer,
  file: ChangedFile,
  reads: ContextReads,
  ignored: ReturnType<typeof createMatcher> | undefined,
): string | undefined {
  const path = file.path.slice(layer.directory.length + 1);
  if (path === dockerfileName)
    return file.before !== undefined && sameInstructions(file.before, layer.dockerfile.text)
      ? "only comments or white space of the Dockerfile"
      : undefined;
  if (path === definitionName) return whyDefinitionUnreached(layer, file);
  if (path === ignoreName) return reads.length === 0 ? "no instruction reads the build context" : undefined;
  if (ignored?.matches(path)) return ".dockerignore drops the file";
  return reads.some((read) => mayRead(read, path)) ? undefined : "no instruction reads the file";
}

/** Keys of a definition that go into the science image or its name. */
const buildKeys = ["image", "version", "target", "args", "labels", "platforms", "secrets"];

function whyDefinitionUnreached(layer: ScienceLayer, { before }: ChangedFile): string | undefined {
  if (before === undefined) return undefined;
  const [was, is] = [before, layer.definition.text].map((text) => readJson({ path: layer.definition.path, text }));
  if (was === undefined || is === undefined || was.diagnostics.length > 0) return undefined;
  const same = buildKeys.every((key) => spelled(was, key) === spelled(is, key));
  return same ? "only keys of the definition that no build reads" : undefined;
}

const spelled = ({ value, spellings }: ReturnType<typeof readJson>, key: string): string | undefined =>
  spellings[key] ?? JSON.stringify((value as Record<string, unknown> | null)?.[key]);

/** What the instructions of a Dockerfile take from the build context: paths, literal to the first wildcard or variable. */
type ContextReads = readonly { readonly path: string; readonly exact: boolean }[];

function contextReads(text: string): ContextReads {
  const { instructions } = parseDockerfile(text);
  return instructions.flatMap(readsOf);
}

function readsOf(instruction: Instruction): ContextReads {
  if (instruction.keyword === "COPY" || instruction.keyword === "ADD") return copyReads(instruction);
  if (instruction.keyword !== "RUN") return [];
  const mounts = instruction.flags.filter(({ name }) => name === "mount");
  const ofContext = mounts.filter(({ fields }) => !fields?.some(({ key }) => key === "from"));
  return ofContext.map(() => ({ path: "", exact: false }));
}

function copyReads({ flags, words, heredocs }: Instruction): ContextReads {
  if (flags.some(({ name }) => name === "from")) return [];
  const inline = new Set(heredocs.map(({ name }) => name));
  const sources = words
    .slice(0, -1)
    .map(({ text }) => text)
    .filter((text) => !(text.startsWith("<<") && inline.has(text.replace(/^<<-?["']?|["']$/g, ""))));
  return sources.map(literalPart);
}

function literalPart(source: string): ContextReads[number] {
  const path = source.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
  const special = path.search(/[*?[\\`$"']|(^|\/)\.\.(\/|$)/);
  if (special === -1) return { path: path === "." ? "" : path, exact: true };
  return { path: path.slice(0, path.lastIndexOf("/", special) + 1), exact: false };
}

const mayRead = (read: ContextReads[number], path: string): boolean =>
  read.path === "" ||
  (read.exact ? path === read.path || path.startsWith(`${read.path}/`) : path.startsWith(read.path));
