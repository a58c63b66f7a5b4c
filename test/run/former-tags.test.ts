import { expect, it } from "vitest";
import { verify } from "../../src/run/verify.ts";
import { dataLayer, operator } from "./operator.ts";

it("a further tag that was taken out of its definition is no lie, and one that nobody ever defined is", async () => {
  const definition = (tags: readonly string[]) => ({
    "science/a/sciserver-image.json": { image: "a", version: "1.0", compat: "jupyter", tags },
  });
  const world = await operator({ ...dataLayer("a", "scratch"), ...definition(["latest"]) });
  await world.push({ since: "all" });
  world.made.commit(definition([]));
  const path = `${world.repo.slice(world.repo.indexOf("/") + 1)}/rel/a`;
  const image = world.registry.store.manifest(path, "1.0");
  if (image !== undefined) world.registry.store.storeManifest(path, "9.9", image);
  const { verdicts } = await world.use((session) => verify(session, { images: "all" }));
  expect(
    verdicts.map(({ reference, verdict }) => `${reference.slice(reference.lastIndexOf(":") + 1)} ${verdict}`),
  ).toEqual(["latest untouched", "1.0 untouched", "9.9 changed"]);
});
