import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, caseKey, recordedAnswers } from "./answers.ts";
import { cases } from "./cases/index.ts";
import type { Case } from "./cases/model.ts";
import { openReplay, type Replay } from "./replay.ts";

const recorded = recordedAnswers();
let replay: Replay;

beforeAll(async () => {
  replay = await openReplay();
}, 60_000);

afterAll(() => replay.close());

const withoutHistory = (answer: Answer, { ownHistory }: Case): object =>
  ownHistory ? { ...answer, steps: [] } : answer;

describe("the embedded engine makes of a Dockerfile what BuildKit has made of it", () => {
  it.each(cases.map((each, at) => ({ ...each, at })))(
    "$title",
    async (each) => {
      const theirs = recorded[each.title];
      expect(theirs?.of, "run test/record-answers").toBe(caseKey(each));
      const { of: _, ...answer } = theirs as Answer & { readonly of: string };
      const ours = await replay.answer(each, `case-${each.at}`);
      if (each.differs !== undefined) return expect(ours).not.toEqual(answer);
      if ("refused" in answer) return expect(Object.keys(ours)).toEqual(["refused"]);
      if ("refused" in ours) throw new Error(ours.refused);
      expect(withoutHistory(ours, each)).toEqual(withoutHistory(answer, each));
    },
    60_000,
  );
});
