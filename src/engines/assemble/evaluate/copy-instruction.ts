import type { EvaluatedInstruction } from "../../../dockerfile/index.ts";
import { Pauses } from "../../../files/pauses.ts";
import { MemoryTree } from "../files/memory-tree.ts";
import type { Overlay } from "../files/overlay.ts";
import { cleanPath, resolvePath } from "../files/resolve-path.ts";
import type { Sources } from "../files/sources.ts";
import { fixedTime, folderNode, type Tree } from "../files/tree.ts";
import { matchSources } from "../files/wildcards.ts";
import { type CopyOptions, copyInto } from "../layers/copy.ts";
import { endLayer } from "../layers/end-layer.ts";
import { unpackInto } from "../layers/unpack.ts";
import { currentAccounts } from "./accounts.ts";
import { AssembleError } from "./assemble-error.ts";
import { excluder } from "./exclude.ts";
import { parseMode } from "./mode.ts";
import { namesAccounts, parseOwner } from "./owner.ts";
import type { StageState } from "./stage-state.ts";

/**
 * COPY and ADD. `from` is the build context, or what `--from` names. `--link` makes no difference, as with an engine that
 * keeps images in its own store: no link or owner of the base is replaced by a new folder.
 */
export async function copyInstruction(
  state: StageState,
  evaluated: EvaluatedInstruction,
  from: Tree,
  sources: Sources,
): Promise<void> {
  refuseFlags(evaluated);
  const { overlay } = await state.files();
  const options = await optionsOf(state, evaluated, sources);
  await copyAll(overlay, destinationOf(state, evaluated), evaluated, from, options, sources);
  await endLayer(state, historyOf(evaluated));
}

async function copyAll(
  onto: Overlay,
  destination: string,
  evaluated: EvaluatedInstruction,
  from: Tree,
  options: CopyOptions,
  sources: Sources,
): Promise<void> {
  const { keyword } = evaluated.instruction;
  const unpacks = isOn(evaluated, "unpack", keyword === "ADD");
  const { plain, inline } = sourcesOf(evaluated);
  let copies = 0;
  for (const pattern of plain) {
    refuseRemote(keyword, pattern);
    for (const source of matchSources(from, pattern)) {
      const file = unpacks ? from.get(resolvePath(from, source)) : undefined;
      const archive = file?.content && (await sources.archive(file));
      if (archive) await unpackInto(onto, destination, archive, options);
      else await copyInto(onto, destination, from, source, { ...options, number: (copies += 1) });
    }
  }
  for (const { name, content } of inline) {
    if (name.includes("/")) throw new AssembleError(`"${name}" cannot be the name of an inline file`);
    await copyInto(onto, destination, inlineTree(name, content), name, options);
  }
}

/** Files before heredocs, as BuildKit has it. */
function sourcesOf({ words, files }: EvaluatedInstruction) {
  const inlineWords = new Set(files.map((file) => file.word));
  return { plain: words.slice(0, -1).filter((_, at) => !inlineWords.has(at)), inline: files };
}

function inlineTree(name: string, content: string): Tree {
  const tree = new MemoryTree();
  const bytes = Buffer.from(content, "utf8");
  tree.set(name, {
    ...folderNode,
    type: "file",
    mode: 0o644,
    mtime: fixedTime,
    size: bytes.length,
    content: { kind: "bytes", bytes },
  });
  return tree;
}

/** Absolute, `..` worked out by the text alone; ends in a slash where the Dockerfile's does, or where it is the working folder itself. */
function destinationOf(state: StageState, { words }: EvaluatedInstruction): string {
  const written = words.at(-1) ?? "";
  const path = written.startsWith("/") ? written : `${state.config.WorkingDir || "/"}/${written}`;
  const asFolder = written === "" || /(?:^|\/)\.?$/.test(written);
  return `/${cleanPath(path)}${asFolder ? "/" : ""}`;
}

async function optionsOf(state: StageState, evaluated: EvaluatedInstruction, sources: Sources): Promise<CopyOptions> {
  const owner = valueOf(evaluated, "chown");
  const mode = valueOf(evaluated, "chmod");
  const patterns = evaluated.flags.filter((flag) => flag.name === "exclude").map((flag) => flag.value ?? "");
  const accounts = owner && namesAccounts(owner) ? await currentAccounts(state, sources) : {};
  return {
    pauses: new Pauses(sources.signal),
    ...(owner && { owner: parseOwner(owner, accounts) }),
    ...(mode && { mode: parseMode(mode), ...(/^\d+$/.test(mode) && { folderMode: Number.parseInt(mode, 8) & 0o755 }) }),
    ...(patterns.length > 0 && { excludes: excluder(patterns) }),
  };
}

const valueOf = ({ flags }: EvaluatedInstruction, name: string): string | undefined =>
  flags.find((flag) => flag.name === name)?.value;

function isOn({ flags }: EvaluatedInstruction, name: string, otherwise = false): boolean {
  const flag = flags.find((each) => each.name === name);
  return flag ? flag.value?.toLowerCase() !== "false" : otherwise;
}

function refuseFlags(evaluated: EvaluatedInstruction): void {
  const flag = ["parents", "checksum", "keep-git-dir"].find((name) => isOn(evaluated, name));
  const { keyword } = evaluated.instruction;
  if (flag) throw new AssembleError(`${keyword} --${flag} needs an engine`, "use --engine docker");
}

/** `https://…` and git repositories; only ADD takes them, and only an engine with a network of its own fetches them. */
const isRemote = (source: string): boolean => /^(?:https?|git|ssh):\/\/|^git@|^github\.com\//.test(source);

function refuseRemote(keyword: string, source: string): void {
  if (!isRemote(source)) return;
  throw new AssembleError(
    `${keyword} of ${source} needs an engine`,
    "use --engine docker, or put the file beside the Dockerfile",
  );
}

function historyOf(evaluated: EvaluatedInstruction): string {
  const { instruction, words, flags } = evaluated;
  const { plain, inline } = sourcesOf(evaluated);
  const sources = [...plain, ...inline.map(({ name }) => `<<${name}`)];
  const shown = ["chown", "chmod"].flatMap((name) => flags.filter((flag) => flag.name === name && flag.value));
  const parts = [
    instruction.keyword,
    ...shown.map(({ name, value }) => `--${name}=${value}`),
    ...sources,
    words.at(-1),
  ];
  return `${parts.join(" ")} # buildkit`;
}
