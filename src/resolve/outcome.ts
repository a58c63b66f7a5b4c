import { type FreezeVerdict, outcomes } from "./model.ts";

/** `same` where there is none. */
export const worst = (all: Iterable<FreezeVerdict>): FreezeVerdict =>
  [...all].reduce<FreezeVerdict>((a, b) => (outcomes.indexOf(b) > outcomes.indexOf(a) ? b : a), "same");
