import { posix } from "node:path";
import type { Dockerfile, Instruction } from "./model.ts";
import { sourcesOf } from "./sources.ts";

/** What an instruction takes from the build context: a path and all below it, or all whose path begins with a text. */
export interface ContextRead {
  /** Cleaned as BuildKit cleans it; "" is the whole context. */
  readonly path: string;
  readonly exact: boolean;
}

const everything: ContextRead = { path: "", exact: false };

/** What the instructions of a Dockerfile take from its own context, also when they stand behind ONBUILD. */
export const contextReads = ({ instructions }: Dockerfile): readonly ContextRead[] => instructions.flatMap(readsOf);

/** What the triggers of an image take from the context of a build that starts from it. */
export const triggerReads = ({ instructions }: Dockerfile): readonly ContextRead[] =>
  instructions.filter(({ keyword }) => keyword === "ONBUILD").flatMap(readsOf);

/** What instructions take from what a name stands for behind `--from=`: all of it where it is mounted. */
export const readsFrom = ({ instructions }: Dockerfile, name: string): readonly ContextRead[] =>
  instructions.flatMap((instruction) =>
    sourcesOf(instruction)
      .filter(({ written }) => written.toLowerCase() === name || written.includes("$"))
      .flatMap(({ via }) => (via === "copy" ? sourceReads(instruction) : [everything])),
  );

/** Whether a change at a path may be seen through a read: at the path that is read, below it, or above it. */
export const mayRead = ({ path: read, exact }: ContextRead, path: string): boolean =>
  read === "" || isBelow(read, path) || (exact ? path === read || isBelow(path, read) : path.startsWith(read));

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

function readsOf(instruction: Instruction): ContextRead[] {
  const { keyword, inner } = instruction;
  if (keyword === "ONBUILD") return inner === undefined ? [everything] : readsOf(inner);
  if (keyword === "COPY" || keyword === "ADD") return copyReads(instruction);
  if (keyword !== "RUN") return [];
  const mounts = instruction.flags.filter(({ name }) => name === "mount");
  const ofContext = mounts.filter(({ fields }) => !fields?.some(({ key, value }) => key === "from" && value));
  return ofContext.map(() => everything);
}

function copyReads(instruction: Instruction): ContextRead[] {
  const { flags } = instruction;
  return flags.some(({ name, value }) => name === "from" && value) ? [] : sourceReads(instruction);
}

function sourceReads({ words, heredocs }: Instruction): ContextRead[] {
  const inline = new Set(heredocs.map(({ name }) => name));
  return words
    .slice(0, -1)
    .filter(({ text }) => !(text.startsWith("<<") && inline.has(text.replace(/^<<-?["']?|["']$/g, ""))))
    .filter(({ text }) => !remote.test(text))
    .map(({ text }) => readOf(text));
}

/** What ADD fetches. */
const remote = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i;

/** Literal to the first wildcard. A variable, a quote or an escape may hide a `..`, and then anything may be read. */
function readOf(source: string): ContextRead {
  if (/[\\`$"']|(^|\/)\.\.(\/|$)/.test(source)) return everything;
  const path = posix.normalize(`/${source}`).replace(/^\/+|\/+$/g, "");
  const special = path.search(/[*?[]/);
  if (special === -1) return path === "" ? everything : { path, exact: true };
  return { path: path.slice(0, path.lastIndexOf("/", special) + 1), exact: false };
}
