import { describe, expect, it } from "vitest";
import { operator } from "./operator.ts";

/** A directory with versions 1 and 2; `second` is the argument of 2, and `latest` who has that tag. */
const definition = (second: string, latest: "1" | "2" | "none" = "2", versions = ["1", "2"]) => ({
  "science/p/sciserver-image.json": {
    image: "py",
    compat: "jupyter",
    variants: versions.map((version) => ({
      version,
      args: { WHAT: version === "2" ? second : "one" },
      tags: latest === version ? ["latest"] : [],
    })),
  },
});

const start = {
  ...definition("two"),
  "science/p/Dockerfile": "FROM scratch\nARG WHAT\nCOPY data /$WHAT\n",
  "science/p/data": "1",
};

const idsOf = (published: readonly { readonly id: string }[]) => published.map(({ id }) => id);

describe("variants of a directory", { timeout: 120_000 }, () => {
  it("are published, judged, rolled back and orphaned each for itself, and their further tags with them", async () => {
    const world = await operator(start);
    await world.push({ since: "all" });
    const first = world.holds("rel/py:2");
    expect(world.holds("sci/p:1")).toMatch(/^1-1-/);
    expect(world.tag("rel/py:latest")).toBe(world.tag("rel/py:2"));
    const one = world.tag("rel/py:1");

    world.made.commit(definition("zwei"));
    expect(await world.states("py:1")).toEqual(["current"]);
    expect(await world.states("py:2")).toEqual(["science-out-of-date"]);
    expect(idsOf((await world.clone().push({ since: "published" })).published)).toEqual(["science/p:2", "compat/py:2"]);
    expect([world.tag("rel/py:1"), world.tag("rel/py:latest")]).toEqual([one, world.tag("rel/py:2")]);

    await world.rollback("py:2", first);
    expect([world.holds("rel/py:2"), world.holds("rel/py:latest"), world.holds("sci/p:2")]).toEqual([
      first,
      first,
      first,
    ]);
    expect(await world.states("py:2")).toEqual(["rolled-back"]);
    expect(await world.states("py:1")).toEqual(["current"]);
    await world.clone().push({ since: "published" });
    expect(world.holds("rel/py:latest")).toBe(first);

    world.made.commit(definition("two", "1"));
    await world.push();
    expect(world.tag("rel/py:latest")).toBe(world.tag("rel/py:1"));

    world.made.commit(definition("two", "1", ["1"]));
    await expect(world.push()).rejects.toThrow("py 2 has no definition any more");
    expect(await world.states("py:2")).toEqual(["orphaned"]);
    expect(await world.states("py:latest")).toEqual([]);
  });
});
