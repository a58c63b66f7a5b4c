import { describe, expect, it } from "vitest";
import { ancestriesOf } from "../../src/git/ancestry.ts";
import { repository } from "../support/repository.ts";

describe("how commits lie to a head", () => {
  it("is told of its ancestors, its descendants, those beside it and those that nobody knows, abbreviated or not", async () => {
    const made = repository({ file: "1" });
    const first = made.git("rev-parse", "HEAD");
    const head = made.commit({ file: "2" });
    const newer = made.commit({ file: "3" });
    made.git("checkout", "-q", "-b", "beside", first);
    const beside = made.commit({ file: "4" });
    const asked = [first.slice(0, 7), head, newer.slice(0, 9), beside, "0123456", "HEAD"];
    expect([...(await ancestriesOf(made.path, head, asked)).values()]).toEqual([
      "reached",
      "reached",
      "newer",
      "diverged",
      "unknown",
      "unknown",
    ]);
    expect(await ancestriesOf(made.path, head, [head])).toEqual(new Map([[head, "reached"]]));
  });
});
