import type { PlanOptions } from "../run/prepare.ts";
import type { Call } from "./command.ts";
import { planOptions } from "./plan-options.ts";

/** For commands that ask a registry about everything and compare with no range: what is uncommitted still counts. */
export const registryOptions = (call: Call, findRoot: (start: string) => string): PlanOptions => ({
  ...planOptions(call, findRoot),
  since: "published",
});
