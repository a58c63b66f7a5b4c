import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isOutOfDate } from "../judge/image-status.ts";
import { withCopies } from "../status/copies.ts";
import { type StatusSurvey, surveyStatus } from "../status/survey.ts";
import { type CatalogueState, everything, type Session } from "./session.ts";

export interface StatusAnswer extends CatalogueState, StatusSurvey {
  /** Whether an image-version is out of date, not published, or behind in a copy. */
  readonly isLate: boolean;
  /** Copies that did not say what they have; of home nothing is missing because of them. */
  readonly copyProblems: readonly Diagnostic[];
}

/** What is published of every image-version, held against today's definitions. */
export async function status(session: Session): Promise<StatusAnswer> {
  const state = await session.read(everything);
  const registries = await session.asking();
  const survey = await surveyStatus({ ...state, registries, signal: session.signal });
  const { statuses, problems } = await withCopies(survey.statuses, state.catalogue.settings, registries);
  return { ...state, ...survey, statuses, copyProblems: problems, isLate: statuses.some(isOutOfDate) };
}
