import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { PlanOptions } from "../run.ts";
import type { Call } from "./command.ts";
import { usageError } from "./usage.ts";

/** The options that say what is planned, as the stages want them. `findRoot` looks from the working directory upwards. */
export function planOptions({ values, world }: Call, findRoot: (start: string) => string): PlanOptions {
  const root = values.text("root");
  return {
    root: root === undefined ? findRoot(world.directory) : existing(resolve(world.directory, root)),
    since: values.text("since"),
    include: values.list("include"),
    ignore: values.list("ignore"),
    untracked: values.flag("untracked") ?? false,
    settings: { repo: values.text("repo"), meaningful: values.flag("meaningful") },
    signal: world.signal,
  };
}

function existing(root: string): string {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return root;
  throw usageError(`--root names ${root}, which is no folder`, "name the folder that holds science/ and compat/");
}
