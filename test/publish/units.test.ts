import { expect, it } from "vitest";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { planMoves } from "../../src/publish/units.ts";
import { compatBuild, plan, repo, scienceBuild } from "../compose/world.ts";

/** Two science layers of one image-version, and a third of another one below. */
import { planWithTags } from "./world.ts";

const chain = plan(
  scienceBuild("base"),
  scienceBuild("x", "2.0", { dependsOn: ["science/base"] }),
  scienceBuild("x-more", "2.0", { image: "x", dependsOn: ["science/x"] }),
  compatBuild("x", ["jupyter"], { version: "2.0", science: "x-more", dependsOn: ["science/x-more"] }),
);
const all = new Map(chain.builds.map(({ id }) => [id, sha256Digest(id)]));
const shown = (built: ReadonlyMap<string, Digest>, stable: ReadonlyMap<string, Digest> = new Map()) =>
  planMoves(chain, built, stable).map(({ image, moves }) => [
    image,
    ...moves.map(({ reference }) => reference.slice(repo.length + 1)),
  ]);

it("the tags of an image-version move together: users' first, then science from the final layer downwards", () => {
  expect(shown(all)).toEqual([
    ["base:1.0", "sci/base:1.0"],
    ["x:2.0", "rel/x:2.0", "sci/x-more:2.0", "sci/x:2.0"],
  ]);
});

it("an image-version with a missing build does not move", () => {
  const without = new Map([...all].filter(([id]) => id !== "compat/x:2.0"));
  expect(shown(without)).toEqual([["base:1.0", "sci/base:1.0"]]);
});

it("a tag that is right already is not moved", () => {
  const right = chain.builds.flatMap(({ id, tags }) =>
    id === "science/x" ? [] : [[tags[1], sha256Digest(id)] as const],
  );
  expect(shown(all, new Map(right))).toEqual([["x:2.0", "sci/x:2.0"]]);
});

it("tags that move with the stable one come right after it", () => {
  const tagged = planWithTags(["latest", "1"], "a");
  const moves = planMoves(tagged, new Map(tagged.builds.map(({ id }) => [id, sha256Digest(id)])), new Map());
  expect(moves[0]?.moves.map(({ reference }) => reference.slice(repo.length + 1))).toEqual([
    "rel/a:1.0",
    "rel/a:latest",
    "rel/a:1",
    "sci/a:1.0",
  ]);
});
