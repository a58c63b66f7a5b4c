import { afterAll, beforeAll, onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { recordedWorld } from "../cli/command-line.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { compatFiles, type Files, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { PublishedWorld } from "./published-world.ts";

/** Two image-versions in a chain and one beside them, under one interface of two layers. */
export const seed: Files = {
  ...scienceFiles("nist-basic", "debian:bookworm-slim"),
  ...scienceFiles("nist-basic-2", "sci/nist-basic:1.0", { image: "nist-basic", version: "2.0" }),
  ...scienceFiles("astro", "debian:bookworm-slim", { description: "Tools for astronomers" }),
  ...compatFiles("jupyter", ["common"]),
  ...compatFiles("common"),
};

export interface TestWorld {
  readonly repo: Repository;
  readonly world: PublishedWorld;
  /** Runs the program; text is what it says on stderr. */
  readonly cli: (...words: string[]) => Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into documents whose form they are to prove
  readonly json: (...words: string[]) => Promise<any>;
}

/** A registry for a file of tests, and in it a repository for each test. */
export function worlds(): { server: () => RunningRegistry; make: (files: Files) => TestWorld } {
  let server: RunningRegistry | undefined;
  let count = 0;
  const running = (): RunningRegistry => server as RunningRegistry;
  beforeAll(async () => {
    server = await startRegistry();
  });
  afterAll(() => server?.stop());
  return {
    server: running,
    make(files) {
      const repo = repository(files);
      count += 1;
      const world = new PublishedWorld(repo.path, `${running().host}/world-${count}`);
      onTestFinished(() => world.close());
      return testWorld(repo, world);
    },
  };
}

function testWorld(repo: Repository, world: PublishedWorld): TestWorld {
  const cli: TestWorld["cli"] = async (...words) => {
    const recorded = recordedWorld({ directory: repo.path });
    const code = await runCommandLine([...words, "--repo", world.repo], recorded);
    return { code, out: recorded.out(), err: recorded.err() };
  };
  return { repo, world, cli, json: async (...words) => JSON.parse((await cli(...words, "--format", "json")).out) };
}
