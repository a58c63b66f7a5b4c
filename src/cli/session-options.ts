import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { PlanRequest } from "../run/plan.ts";
import type { PublishRequest } from "../run/publish.ts";
import type { SessionOptions } from "../run/session.ts";
import type { Call } from "./command.ts";
import { lockOf } from "./common-options.ts";
import { usageError } from "./usage.ts";
import type { Values } from "./values.ts";

/** The options that say where a command works. Throws where `--root` is no folder. */
export function sessionOptions({ values, world }: Pick<Call, "values" | "world">): SessionOptions {
  const root = values.text("root");
  return {
    root: root === undefined ? undefined : existing(resolve(world.directory, root)),
    directory: world.directory,
    untracked: values.flag("untracked") ?? false,
    settings: settingsOf(values),
    environment: world.environment,
    signal: world.signal,
  };
}

/** The options that say what is planned. */
export function planRequest({ values }: Pick<Call, "values">): PlanRequest {
  const include = values.list("include");
  const refresh = values.has("refresh") ? values.list("refresh") : [];
  if (refresh.length > 0 && include.length > 0)
    throw usageError("--refresh and --include each say all that is planned", "leave one of them out");
  return { since: values.text("since"), include, ignore: values.list("ignore"), refresh };
}

/** The options that say how stable tags move. */
export const publishRequest = ({ values, world }: Pick<Call, "values" | "world">): PublishOptions => ({
  keepGoing: values.flag("keep-going") ?? false,
  allowOrphans: values.flag("allow-orphans") ?? false,
  allowOlder: values.list("allow-older"),
  lock: lockOf({ values }),
  noVerdict: values.flag("no-verdict") ?? false,
  key: pathOf(values.text("key"), world),
});

type PublishOptions = Omit<PublishRequest, "saved" | "results">;

/** Relative paths of the line start from where it was typed. */
export const pathOf = (path: string | undefined, { directory }: Call["world"]): string | undefined =>
  path === undefined ? undefined : resolve(directory, path);

/** Whether what is printed of a plan says which engine makes what. */
export const showsEngines = ({ values }: Pick<Call, "values">): boolean =>
  values.text("format") === "json" || values.count("verbose") > 1;

/** What the command does not ask for is left to `image-builder.json`. */
const settingsOf = (values: Values): NonNullable<SessionOptions["settings"]> => ({
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
