import { type Planned, type PlanRequest, plan } from "../../src/run/plan.ts";
import { type SessionOptions, withSession } from "../../src/run/session.ts";

export type PlanAtOptions = SessionOptions & PlanRequest;

/** A plan with a session of its own. */
export const planAt = ({ since, include, ignore, ...session }: PlanAtOptions): Promise<Planned> =>
  withSession(session, (opened) => plan(opened, { since, ...(include && { include }), ...(ignore && { ignore }) }));
