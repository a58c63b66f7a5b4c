import type { Command } from "../../src/cli/command.ts";
import type { World } from "../../src/cli/world.ts";

/** A world that remembers what was written to it. */
export interface RecordedWorld extends World {
  readonly out: () => string;
  readonly err: () => string;
}

export function recordedWorld(given: Partial<World> = {}): RecordedWorld {
  const [out, err]: [string[], string[]] = [[], []];
  const output = (into: string[]) => ({
    write: (text: string) => void into.push(text),
    isTerminal: false,
    columns: undefined,
  });
  return {
    stdout: output(out),
    stderr: output(err),
    environment: {},
    directory: "/nowhere",
    signal: new AbortController().signal,
    ...given,
    out: () => out.join(""),
    err: () => err.join(""),
  };
}

const command = (name: string, more: Partial<Command> = {}): Command => ({
  name,
  summary: `Does ${name}`,
  arguments: [],
  options: [],
  formats: ["text", "json"],
  examples: [{ line: name, says: "an example" }],
  run: () => Promise.resolve(0),
  ...more,
});

export const build = command("build", {
  options: [
    { name: "dryrun", short: "n", aliases: ["dry-run"], kind: "flag", description: "show the plan" },
    { name: "push", kind: "flag", description: "publish" },
    { name: "jobs", kind: "number", value: "N", description: "builds side by side" },
    { name: "no-cache", kind: "flag", description: "run everything again" },
  ],
});
export const why = command("why", { arguments: [{ name: "IMAGE", description: "an image", required: true }] });
export const plan = command("plan");
export const commands = [build, plan, why];
