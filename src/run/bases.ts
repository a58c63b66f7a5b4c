import { type BasesSurvey, surveyBases } from "../status/bases.ts";
import { everything, type Session } from "./session.ts";

/** Which bases of others have moved since the science images were built on them. */
export async function bases(session: Session): Promise<BasesSurvey> {
  const state = await session.read(everything);
  return surveyBases({ ...state, registries: await session.asking(), signal: session.signal });
}
