import type { Examination, ScienceTests } from "../../freeze/model.ts";

/** One line for each image: `what resolves: changed (2 that count, 1 that may)`. */
export function examinationLine({ resolves, findings }: Examination): string {
  const counted = findings.filter(({ stops }) => stops).length;
  const excepted = findings.filter(({ excepted: reason }) => reason !== undefined).length;
  const parts = [
    ...(counted > 0 ? [`${counted} ${counted === 1 ? "difference" : "differences"}`] : []),
    ...(excepted > 0 ? [`${excepted} that may be`] : []),
  ];
  return `what resolves: ${resolves}${parts.length > 0 ? ` (${parts.join(", ")})` : ""}`;
}

/** `science tests: not tested ("assemble" runs no containers)`; undefined where there is nothing to know. */
export function testsLine({ state, why }: ScienceTests): string | undefined {
  if (state === "none" || state === "not needed") return undefined;
  return `tests of the science image: ${state}${why === undefined ? "" : ` (${why})`}`;
}
