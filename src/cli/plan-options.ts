import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { PlanOptions } from "../run/prepare.ts";
import type { Call } from "./command.ts";
import { usageError } from "./usage.ts";
import type { Values } from "./values.ts";

/** The options that say what is planned, as the stages want them. `findRoot` looks from the working directory upwards. */
export function planOptions({ values, world }: Call, findRoot: (start: string) => string): PlanOptions {
  const root = values.text("root");
  return {
    root: root === undefined ? findRoot(world.directory) : existing(resolve(world.directory, root)),
    since: values.text("since"),
    include: values.list("include"),
    ignore: values.list("ignore"),
    untracked: values.flag("untracked") ?? false,
    settings: settingsOf(values),
    signal: world.signal,
  };
}

/** What the command does not ask for is left to `image-builder.json`. */
const settingsOf = (values: Values): NonNullable<PlanOptions["settings"]> => ({
  repo: values.text("repo"),
  meaningful: values.flag("meaningful"),
  engine: values.has("engine") ? values.text("engine") : undefined,
  jobs: values.has("jobs") ? values.number("jobs") : undefined,
  network: values.has("network") ? values.text("network") : undefined,
  insecure: values.has("insecure") ? values.list("insecure") : [],
});

function existing(root: string): string {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return root;
  throw usageError(`--root names ${root}, which is no folder`, "name the folder that holds science/ and compat/");
}
