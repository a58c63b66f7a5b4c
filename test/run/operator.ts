import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { build } from "../../src/run/build.ts";
import type { BuildRequest } from "../../src/run/model.ts";
import { release, rollback } from "../../src/run/rollback.ts";
import { type Session, withSession } from "../../src/run/session.ts";
import { status } from "../../src/run/status.ts";
import { withdraw } from "../../src/run/withdraw.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, type Files, type Repository, repository, repositoryAt } from "../support/repository.ts";

/** Science layers that need nothing to be run, each with one file. */
export const dataLayers = (...names: readonly string[]): Files =>
  Object.assign({}, ...names.map((name) => dataLayer(name, "scratch")));

export const dataLayer = (name: string, from: string, image = name): Files => ({
  [`science/${name}/Dockerfile`]: `FROM ${from}\nCOPY data /${name}\n`,
  [`science/${name}/sciserver-image.json`]: { image, version: "1.0", compat: "jupyter" },
  [`science/${name}/data`]: "one\n",
});

/** One clone and what a person does in it. Every verb gets a session of its own, as every command does. */
export interface Clone {
  readonly made: Repository;
  readonly push: (request?: BuildRequest) => ReturnType<typeof build>;
  readonly rollback: (what: string, to?: string) => ReturnType<typeof rollback>;
  readonly release: (image: string) => ReturnType<typeof release>;
  readonly withdraw: (image: string) => ReturnType<typeof withdraw>;
  /** States of an image-version, in words. */
  readonly states: (image: string) => Promise<readonly string[]>;
  readonly use: <T>(verb: (session: Session) => Promise<T>) => Promise<T>;
}

export interface Operator extends Clone {
  readonly registry: HttpRegistry;
  /** Prefix of references. */
  readonly repo: string;
  readonly clone: () => Clone;
  /** Digest behind `rel/a:1.0`. */
  readonly tag: (name: string) => string | undefined;
  /** The unique tag of the image behind `rel/a:1.0`, as its labels have it. */
  readonly holds: (name: string) => string | undefined;
}

let count = 0;

/** A catalogue with one commit, a remote and a registry. */
export async function operator(files: Files, registry?: HttpRegistry): Promise<Operator> {
  const there = registry ?? (await startHttpRegistry());
  if (registry === undefined) onTestFinished(() => there.stop());
  const path = `images-${(count += 1)}`;
  const repo = `${there.host}/${path}`;
  const made = repository({ ...files, ...compatFiles("jupyter"), "image-builder.json": { repo } });
  made.git("init", "-q", "--bare", join(made.path, ".git/remote"));
  made.git("remote", "add", "origin", join(made.path, ".git/remote"));
  const tag = (name: string): string | undefined => {
    const [repository = "", version = ""] = name.split(":");
    return there.store.repositories.get(`${path}/${repository}`)?.tags.get(version);
  };
  return {
    ...cloneOf(made),
    registry: there,
    repo,
    tag,
    clone: () => freshClone(made),
    holds: (name) => uniqueTagOf(there, `${path}/${name.split(":")[0]}`, tag(name)),
  };
}

function freshClone(of: Repository): Clone {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync("git", ["clone", "-q", of.path, folder]);
  const made = repositoryAt(folder);
  made.git("remote", "set-url", "origin", join(of.path, ".git/remote"));
  return cloneOf(made);
}

function cloneOf(made: Repository): Clone {
  const { path } = made;
  const environment = { ...process.env, XDG_STATE_HOME: `${path}/.git/state`, XDG_CACHE_HOME: `${path}/.git/cache` };
  const use = <T>(verb: (session: Session) => Promise<T>): Promise<T> =>
    withSession({ root: path, environment, signal: new AbortController().signal }, verb);
  return {
    made,
    use,
    push: (request = {}) => use((session) => build(session, { push: true, noVerdict: true, ...request })),
    rollback: (what, to) => use((session) => rollback(session, { what, to })),
    release: (image) => use((session) => release(session, image)),
    withdraw: (image) => use((session) => withdraw(session, { image, reason: "bad" })),
    states: async (image) => {
      const { statuses } = await use(status);
      return statuses.find((each) => `${each.image}:${each.version}` === image)?.states ?? [];
    },
  };
}

function uniqueTagOf({ store }: HttpRegistry, repository: string, digest: string | undefined): string | undefined {
  const manifest = digest === undefined ? undefined : store.manifest(repository, digest);
  if (!manifest) return undefined;
  const { config } = JSON.parse(manifest.bytes.toString("utf8")) as { config: { digest: string } };
  const bytes = store.repository(repository).blobs.get(config.digest as never);
  const { config: image } = JSON.parse(String(bytes)) as { config: { Labels: Record<string, string> } };
  return image.Labels["org.opencontainers.image.version"];
}
