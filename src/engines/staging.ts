import {
  chmodSync,
  closeSync,
  createReadStream,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContextFile } from "../compose/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { withTemporary } from "../disk/temporary.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { createHasher, digestHex, sha256Digest } from "../oci/digest.ts";
import { encodePath, printablePath } from "../oci/path-bytes.ts";
import { bytesOf } from "./context-path.ts";
import type { ReadyBuild } from "./model.ts";

/**
 * Seconds since the epoch: the time of every file that an image gets from the catalogue, so that it depends on no clone.
 * Not 0, because what packs files into a zip archive (as a Python wheel is) refuses times before 1980.
 */
export const fileTime = Date.UTC(1985, 9, 26) / 1000;

/** A build laid out in a temporary folder outside of the repository. */
interface StagedBuild {
  readonly folder: string;
  /** Outside of the context, so that `COPY .` does not find it. */
  readonly dockerfile: string;
  readonly context: string;
}

/**
 * Lays a build out, hands it on and removes it again, whatever happens. Modes, times and contents are those of the plan, not
 * those that the clone happens to have. Throws `FailedError` when a file has changed since its digest was taken.
 */
export async function withStage<T>(
  ready: ReadyBuild,
  signal: AbortSignal,
  use: (stage: StagedBuild) => Promise<T>,
): Promise<T> {
  return withTemporary(async (folder) => {
    const stage = { folder, dockerfile: join(folder, "Dockerfile"), context: join(folder, nameOf(ready.context)) };
    await writeFile(stage.dockerfile, ready.dockerfile, { flag: "wx" });
    await layOut(ready, stage.context, signal);
    return use(stage);
  });
}

/**
 * buildx tells BuildKit the last name of the path, under which that keeps the files of the build before and asks for those alone whose size or time
 * differs (`SharedKey` in buildx, `fsutil` in BuildKit). Since times are fixed, files of another build would be taken for those of
 * this one, unless folders of other files have other names.
 */
function nameOf(files: readonly ContextFile[]): string {
  const content = files.map(({ path, type, mode, digest }) => [path, type, mode, digest]);
  return `context-${digestHex(sha256Digest(canonicalJson(content)))}`;
}

async function layOut({ root, context }: ReadyBuild, folder: string, signal: AbortSignal): Promise<void> {
  const folders = new Set([""]);
  mkdirSync(folder);
  for (const file of context) {
    signal.throwIfAborted();
    makeFolders(folder, file.type === "directory" ? `${file.path}/` : file.path, folders);
    if (file.type === "directory") continue;
    const target = bytesOf(folder, file.path);
    if (file.type === "symlink") symlinkSync(encodePath(file.link ?? ""), target);
    else await copyFile(root, file, target);
    lutimesSync(target, fileTime, fileTime);
  }
  // The deepest first: making an entry in a folder touches the folder.
  for (const path of [...folders].reverse()) lutimesSync(bytesOf(folder, path), fileTime, fileTime);
}

function makeFolders(folder: string, path: string, made: Set<string>): void {
  const names = path.split("/").slice(0, -1);
  for (let count = 1; count <= names.length; count += 1) {
    const each = names.slice(0, count).join("/");
    if (made.has(each)) continue;
    mkdirSync(bytesOf(folder, each));
    chmodSync(bytesOf(folder, each), 0o755);
    made.add(each);
  }
}

async function copyFile(root: string, file: ContextFile, target: Buffer): Promise<void> {
  const out = openSync(target, "wx", file.mode);
  try {
    for await (const chunk of contentOf(root, file)) writeSync(out, chunk);
  } finally {
    closeSync(out);
  }
  // Not by `open` alone, which the umask has its say in.
  chmodSync(target, file.mode);
}

/** What is in a file. Throws `FailedError` behind the last of it when that is not what its digest was taken of. */
export async function* contentOf(root: string, file: ContextFile): AsyncGenerator<Buffer> {
  const hasher = createHasher();
  const chunks = createReadStream(bytesOf(root, file.source), { highWaterMark: 1024 * 1024 });
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    hasher.update(chunk);
    yield chunk;
  }
  if (hasher.end().digest !== file.digest) throw changed(file);
}

const changed = (file: ContextFile): FailedError =>
  new FailedError([
    error("changed-while-building", `${printablePath(file.source)} was changed while the build was being prepared`, {
      help: "run it again",
    }),
  ]);
