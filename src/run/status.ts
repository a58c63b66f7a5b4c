import { isOutOfDate } from "../judge/image-status.ts";
import { type StatusSurvey, surveyStatus } from "../status/survey.ts";
import { type CatalogueState, everything, type Session } from "./session.ts";

export interface StatusAnswer extends CatalogueState, StatusSurvey {
  /** Whether an image-version is out of date or not published. */
  readonly isLate: boolean;
}

/** What is published of every image-version, held against today's definitions. */
export async function status(session: Session): Promise<StatusAnswer> {
  const state = await session.read(everything);
  const survey = await surveyStatus({ ...state, registries: await session.asking(), signal: session.signal });
  return { ...state, ...survey, isLate: survey.statuses.some(isOutOfDate) };
}
