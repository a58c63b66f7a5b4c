import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compile, type Ended } from "./executable.ts";
import { type Repository, repositoryAt } from "./repository.ts";
import { engineEnvironment, type TestEngine, testWorld } from "./world.ts";

/** This project's own `science/` and `compat/`, as they lie here, in a git repository of their own with one commit. */
export interface OwnCatalogue extends Repository {
  /** Where the images go: a prefix in the registry of the test world. */
  readonly repo: string;
  /** Runs image-builder in it as people do, with the engine given on the PATH. */
  imageBuilder(...args: string[]): Promise<Ended>;
  remove(): void;
}

/** Call it in `beforeAll`. `name` becomes part of `repo`. */
export function ownCatalogue(name: string, engine?: TestEngine): OwnCatalogue {
  const world = testWorld();
  const { client, ...rest } = engine ?? world.engine;
  const folder = mkdtempSync(join(tmpdir(), "own-catalogue-"));
  const path = join(folder, "catalogue");
  for (const part of ["science", "compat"])
    cpSync(join(import.meta.dirname, "../..", part), join(path, part), { recursive: true });
  const executable = compile();
  const repo = `${world.registry}/${name}-${process.pid}`;
  const environment = {
    ...engineEnvironment({ client, ...rest }),
    PATH: `${dirname(client)}:${process.env["PATH"]}`,
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CACHE_HOME: join(folder, "cache"),
    IMAGE_BUILDER_NETWORK: "host",
    IMAGE_BUILDER_REPO: repo,
    IMAGE_BUILDER_COLOR: "never",
  };
  const made = repositoryAt(path);
  made.commit({}, "start");
  return {
    ...made,
    repo,
    imageBuilder: (...args) => executable.run(args, { directory: path, environment }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
