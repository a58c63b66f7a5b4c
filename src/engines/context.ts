import { setImmediate } from "node:timers/promises";
import type { ContextFile, Contexts } from "../compose/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { comparePaths } from "../oci/path-bytes.ts";
import { readOnDisk } from "./context-file.ts";
import { type ContextSource, contextSources, type WorkingFiles } from "./context-sources.ts";
import { type Doubtful, filesOfGit, type Scratch } from "./git-contents.ts";
import { readPointer } from "./large-files.ts";

interface ReadContextsOptions extends WorkingFiles {
  /** A folder for contents that only git has, made when it is first needed. Without it the files can be compared, but not built. */
  readonly scratch?: Scratch;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of these directories (relative to the root) as builds will send them: what HEAD has, byte by byte, and what is not
 * committed as it is on disk. Links are kept as links and never followed. Throws `RefusedError` with every file that cannot be part
 * of an image.
 */
export async function readContexts(
  root: string,
  directories: readonly string[],
  { scratch, signal, ...files }: ReadContextsOptions,
): Promise<Contexts> {
  const reading: Reading = { root, signal, contexts: new Map(), doubtful: [], problems: [] };
  for (const [directory, sources] of await contextSources(root, directories, files, reading.problems))
    await readDirectory(reading, directory, sources);
  const rest = await filesOfGit(root, reading.doubtful, scratch, reading.problems);
  rest.forEach((file, at) => reading.contexts.get(reading.doubtful[at]?.directory ?? "")?.push(file));
  if (reading.problems.length > 0) throw new RefusedError(reading.problems);
  const sorted = [...reading.contexts].map(([name, all]) => [name, all.sort((a, b) => comparePaths(a.path, b.path))]);
  return Object.fromEntries(sorted) as Contexts;
}

interface Reading {
  readonly root: string;
  readonly signal: AbortSignal | undefined;
  readonly contexts: Map<string, ContextFile[]>;
  readonly doubtful: Doubtful[];
  readonly problems: Diagnostic[];
}

async function readDirectory(reading: Reading, directory: string, sources: readonly ContextSource[]): Promise<void> {
  const files: ContextFile[] = [];
  reading.contexts.set(directory, files);
  let sinceBreak = 0;
  for (const source of sources) {
    files.push(...(await readSource(reading, directory, source)));
    // Reading is synchronous, which is ten times as fast for small files; a signal gets its turn now and then.
    sinceBreak += 1;
    if (sinceBreak % 256 === 0) await setImmediate();
    reading.signal?.throwIfAborted();
  }
}

async function readSource(reading: Reading, directory: string, source: ContextSource): Promise<ContextFile[]> {
  const path = source.path.slice(directory.length + 1);
  const { file, start, digest, problem } = await readOnDisk(reading.root, path, source, reading.signal);
  if (problem) reading.problems.push(problem);
  const { entry } = source;
  const isPlain = file !== undefined && readPointer(start) === undefined;
  if (entry === undefined || problem || isPlain) return file ? [file] : [];
  reading.doubtful.push({
    directory,
    path,
    source: { ...source, entry },
    digest,
    ...(file && { file, ...(start && { start }) }),
  });
  return [];
}
