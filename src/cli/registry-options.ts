import type { PlanOptions } from "../run.ts";
import type { Call } from "./command.ts";
import { planOptions } from "./plan-options.ts";

/** For commands that ask a registry about everything and compare with no range: what is uncommitted still counts. */
export function registryOptions(call: Call, findRoot: (start: string) => string): PlanOptions {
  const options = planOptions(call, findRoot);
  return { ...options, since: "published", settings: { ...options.settings, insecure: call.values.list("insecure") } };
}
