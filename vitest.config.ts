import { defineConfig } from "vitest/config";

/** `unit` is the quick loop (`npm test`); `real` needs an engine and a registry, which `test/all` starts; `long` goes through many steps or rounds, of which `test/long` runs ten times as many. */
export default defineConfig({
  test: {
    // The default leaves a processor idle, which is half of a small machine.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: ["test/support/no-warnings.ts"],
          globalSetup: ["test/support/scratch.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.real.test.ts", "test/**/*.long.test.ts", "node_modules/**"],
          pool: "threads",
          // Reading the sources again for every file of tests would be a third of the work.
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "long",
          setupFiles: ["test/support/no-warnings.ts"],
          globalSetup: ["test/support/scratch.ts"],
          include: ["test/**/*.long.test.ts"],
          pool: "forks",
        },
      },
      {
        test: {
          name: "real",
          setupFiles: ["test/support/no-warnings.ts"],
          globalSetup: ["test/support/scratch.ts"],
          include: ["test/**/*.real.test.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
