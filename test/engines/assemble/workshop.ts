import { chmod, lutimes, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { keptFiles } from "../../../src/compose/context.ts";
import type { ContextFile } from "../../../src/compose/model.ts";
import { sourcePiece } from "../../../src/compose/text-pieces.ts";
import { matcherOf } from "../../../src/dockerfile/ignore.ts";
import type { ReadyBuild, Task } from "../../../src/engines/model.ts";
import { sha256Digest } from "../../../src/oci/digest.ts";
import { comparePaths } from "../../../src/oci/path-bytes.ts";
import { tarOf } from "../../files/support.ts";
import type { CaseFile } from "./cases/model.ts";

export interface Workshop {
  readonly folder: string;
  readonly context: readonly ContextFile[];
  remove(): Promise<void>;
}

/** Writes a build context into a folder of its own, and lists it as `compose/` would. Every time in it is `contextTime`. */
export async function makeContext(files: Readonly<Record<string, CaseFile>> = {}, ignore = ""): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), "assemble-"));
  const context: ContextFile[] = [];
  for (const [path, file] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    context.push(await writeOne(folder, path, file));
  }
  context.sort((a, b) => comparePaths(a.path, b.path));
  for (const path of await readdir(folder, { recursive: true }))
    await lutimes(join(folder, path), contextTime, contextTime);
  return {
    folder,
    context: keptFiles(context, matcherOf({ text: ignore })),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeOne(folder: string, path: string, file: CaseFile): Promise<ContextFile> {
  if (typeof file === "object" && "link" in file) {
    await symlink(file.link, join(folder, path));
    const digest = sha256Digest(file.link);
    return { path, source: path, type: "symlink", mode: 0o644, size: 0, digest, link: file.link };
  }
  const bytes = bytesOf(file);
  const mode = typeof file === "object" && "mode" in file ? file.mode : 0o644;
  await writeFile(join(folder, path), bytes);
  await chmod(join(folder, path), mode);
  return { path, source: path, type: "file", mode, size: bytes.length, digest: sha256Digest(bytes) };
}

/** Seconds since the epoch. */
export const contextTime = 1_000_000_000;

function bytesOf(file: Exclude<CaseFile, { link: string }>): Buffer {
  if (typeof file === "string") return Buffer.from(file);
  if ("text" in file) return Buffer.from(file.text);
  if ("bytes" in file) return file.bytes;
  const tar = tarOf(file.tar);
  return file.gzip ? gzipSync(tar) : tar;
}

export function readyBuild(
  workshop: Workshop,
  dockerfile: string,
  tags: readonly [string, string],
  more: Partial<ReadyBuild> & { readonly args?: Readonly<Record<string, string>> } = {},
): ReadyBuild {
  const { args = {}, ...rest } = more;
  const template = sourcePiece({ path: "science/test/Dockerfile", text: dockerfile });
  return {
    build: {
      id: "science/test",
      kind: tags[0].includes("/rel/") ? "compat" : "science",
      tags,
      dependsOn: [],
      dockerfile: template,
      context: workshop.context,
      args,
      labels: {},
      runLabels: [],
      inputs: sha256Digest(""),
      test: [],
    },
    root: workshop.folder,
    dockerfile,
    declared: [],
    origins: template.origins,
    context: workshop.context,
    labels: {},
    created: 1_700_000_000,
    noCache: false,
    ...rest,
  };
}

export const quietTask = (): Task => {
  const log = new PassThrough();
  log.resume();
  return { log, signal: new AbortController().signal };
};
