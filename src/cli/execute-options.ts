import { resolve } from "node:path";
import type { Prepared } from "../run/prepare.ts";
import type { ExecuteOptions } from "../run.ts";
import type { Call } from "./command.ts";

/** The options that say how a plan is executed; what the line leaves open is as `image-builder.json` says (B5). */
export const executeOptions = ({ values, world }: Call, { plan }: Prepared): ExecuteOptions => ({
  push: values.flag("push") ?? false,
  keepGoing: values.flag("keep-going") ?? false,
  noCache: values.flag("no-cache") ?? false,
  allowOrphans: values.flag("allow-orphans") ?? false,
  output: values.text("output"),
  noVerdict: values.flag("no-verdict") ?? false,
  ...keyOption(values.text("key"), world.directory),
  plan,
});

const keyOption = (key: string | undefined, directory: string): Pick<ExecuteOptions, "key"> =>
  key === undefined ? {} : { key: resolve(directory, key) };
