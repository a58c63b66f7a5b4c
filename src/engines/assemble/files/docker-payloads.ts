import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { error } from "../../../diagnostics/diagnostic.ts";
import { FailedError } from "../../../diagnostics/failure.ts";
import { joinPath } from "../../../files/entry.ts";
import { type Environment, runProcess } from "../../processes.ts";
import { readTarItems } from "../layers/archive.ts";
import type { Spool } from "../layers/spool.ts";
import { MemoryTree } from "./memory-tree.ts";
import type { PayloadStore } from "./payload-store.ts";
import { cleanPath } from "./resolve-path.ts";
import type { ArchiveItem } from "./sources.ts";
import { hasWildcard } from "./wildcards.ts";

/** The images in a Docker engine's store: a container is created, never started, and its files are read as a tar. */
export const dockerPayloads =
  (environment: Environment) =>
  (spool: Spool): PayloadStore => ({
    async files(reference, paths, signal) {
      const found = await runProcess(["docker", "image", "inspect", reference], { environment, signal });
      if (found.code !== 0) return undefined;
      const container = `image-builder-payload-${randomBytes(6).toString("hex")}`;
      await docker(
        ["create", "--name", container, "--network", "none", reference, "never-started"],
        environment,
        signal,
      );
      try {
        return await readFolders(container, foldersOf(paths), environment, signal, spool);
      } finally {
        await runProcess(["docker", "rm", container], { environment, signal: AbortSignal.timeout(60_000) });
      }
    },
  });

/** What has to be read for these sources: a pattern needs the folder before its first wildcard. None lies in another. */
export function foldersOf(paths: readonly string[]): string[] {
  const folders = paths.map((path) => {
    const names = cleanPath(path).split("/");
    const first = names.findIndex(hasWildcard);
    return (first === -1 ? names : names.slice(0, first)).join("/");
  });
  const outer = folders.filter((path) => !folders.some((other) => other !== path && isBelow(path, other)));
  return [...new Set(outer)];
}

const isBelow = (path: string, folder: string): boolean => folder === "" || path.startsWith(`${folder}/`);

async function readFolders(
  container: string,
  folders: readonly string[],
  environment: Environment,
  signal: AbortSignal,
  spool: Spool,
): Promise<MemoryTree> {
  const tree = new MemoryTree();
  for (const folder of folders) {
    const items = await copyOut(`${container}:/${folder}`, environment, signal, spool);
    for (const { path, node, linked } of items) {
      if (!node) throw new Error(`/${folder} has a hard link to ${linked?.path}, which came from elsewhere`);
      tree.set(placed(path, folder), node);
    }
  }
  return tree;
}

/** The tar's first name is that of the folder itself, or of what a link led to. */
function placed(path: string, folder: string): string {
  if (folder === "") return path;
  const slash = path.indexOf("/");
  return slash === -1 ? folder : joinPath(folder, path.slice(slash + 1));
}

async function copyOut(
  source: string,
  environment: Environment,
  signal: AbortSignal,
  spool: Spool,
): Promise<readonly ArchiveItem[]> {
  const child = spawn("docker", ["cp", "--follow-link", source, "-"], {
    env: { ...environment },
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-4096);
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  const [items, code] = await Promise.all([readTarItems(child.stdout, spool).catch(() => undefined), ended]);
  if (code === 0 && items) return items;
  if (/could not find the file|no such (?:file|container:path)/i.test(said)) return [];
  throw failed(`docker cp ${source} -`, code, said);
}

async function docker(args: readonly string[], environment: Environment, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await runProcess(["docker", ...args], { environment, signal });
  if (code !== 0) throw failed(`docker ${args.join(" ")}`, code, stderr);
}

const failed = (command: string, code: number, said: string): FailedError =>
  new FailedError([
    error("payload-unreadable", "the files of a stage that docker has built cannot be read", {
      notes: [`"${command}" ended with exit code ${code}`, said.trim()].map((message) => ({ message })),
    }),
  ]);
