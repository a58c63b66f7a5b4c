import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { putBack, type Snapshot, takeSnapshot } from "./snapshot.ts";

/** Files by path; an object is written as JSON, `undefined` removes the path. */
export type Files = Readonly<Record<string, string | object | undefined>>;

/** A real git repository in a temporary folder, removed when the test ends. */
export interface Repository {
  readonly path: string;
  readonly write: (files: Files) => void;
  /** Writes, adds everything and commits; returns the full hash. */
  readonly commit: (files: Files, message?: string) => string;
  readonly git: (...args: string[]) => string;
}

export function repository(files: Files = {}): Repository {
  const path = mkdtempSync(join(tmpdir(), "image-builder-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const key = JSON.stringify(files, (_, value: unknown) => value ?? null);
  const known = started.get(key);
  if (known === undefined) {
    const made = repositoryAt(path, files);
    started.set(key, takeSnapshot(path));
    return made;
  }
  putBack(known, path);
  return handle(path);
}

/** Two git processes less for each test that starts from the same files. */
const started = new Map<string, Snapshot>();

/** The folder of files alone, of which git knows nothing. */
export function folderOf(files: Files): string {
  const path = mkdtempSync(join(tmpdir(), "image-builder-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) put(join(path, name), content);
  return path;
}

/** As `repository`, in a folder that somebody else removes; a clone stays what it is. */
export function repositoryAt(path: string, files: Files = {}): Repository {
  if (!existsSync(join(path, ".git"))) begin(path);
  const made = handle(path);
  if (Object.keys(files).length > 0) made.commit(files, "start");
  return made;
}

function begin(path: string): void {
  for (const folder of ["objects", "refs/heads", "info"]) mkdirSync(join(path, ".git", folder), { recursive: true });
  writeFileSync(join(path, ".git/HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(path, ".git/config"), settings);
}

/** What `git init` writes, and no work behind a commit's back. */
const settings = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
	fsync = none
[maintenance]
	auto = false
`;

function handle(path: string): Repository {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: path, encoding: "utf8", env: gitEnvironment }).trim();
  const write = (changes: Files): void =>
    Object.entries(changes).forEach(([name, content]) => put(join(path, name), content));
  const commit = (changes: Files, message = "change"): string => {
    write(changes);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return headOf(path) ?? git("rev-parse", "HEAD");
  };
  return { path, write, commit, git };
}

/** Undefined where HEAD is not a file that names a branch's. */
function headOf(path: string): string | undefined {
  try {
    const branch = /^ref: (.+)\n$/.exec(readFileSync(join(path, ".git/HEAD"), "utf8"))?.[1];
    return branch && readFileSync(join(path, ".git", branch), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** An author of its own, and no configuration of the machine's. */
export const gitEnvironment = {
  ...process.env,
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

function put(file: string, content: string | object | undefined): void {
  if (content === undefined) return rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
}

/** The two files of a science layer. */
export const scienceFiles = (name: string, from: string, definition: object = {}): Files => ({
  [`science/${name}/Dockerfile`]: `FROM ${from}\n`,
  [`science/${name}/sciserver-image.json`]: { image: name, version: "1.0", compat: "jupyter", ...definition },
});

/** The two files of a compat layer. */
export const compatFiles = (name: string, includes: readonly string[] = []): Files => ({
  [`compat/${name}/Dockerfile`]: `ENV LAYER_${name.replaceAll("-", "_")}=1\n`,
  [`compat/${name}/sciserver-image.json`]: { includes },
});

/** The seed's example: two image-versions in a chain under one interface. */
export const seedExample: Files = {
  ...scienceFiles("nist-basic", "debian:bookworm-slim"),
  ...scienceFiles("nist-basic-2", "sci/nist-basic:1.0", { image: "nist-basic", version: "2.0" }),
  ...compatFiles("jupyter", ["common"]),
  ...compatFiles("common"),
};
