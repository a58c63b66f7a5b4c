import { expect, it } from "vitest";
import { images } from "../../src/run/images.ts";
import { plan } from "../../src/run/plan.ts";
import { dataLayer, operator } from "./operator.ts";

const definition = (image: string, tags: readonly string[], more: object = {}) => ({
  [`science/${image}/sciserver-image.json`]: { image, version: "1.0", compat: "jupyter", tags, ...more },
});

it("a further tag that the registry does not have yet, or that holds another image, is planned and told of", async () => {
  const world = await operator({
    ...dataLayer("a", "scratch"),
    ...dataLayer("b", "scratch"),
    ...dataLayer("bare", "scratch"),
    ...definition("bare", ["latest"], { compat: false }),
  });
  const missing = async () =>
    (await world.use((session) => plan(session, { since: "published" }))).plan.builds.map(({ id, reasons }) => [
      id,
      ...reasons.map((reason) => (reason.kind === "not-published" ? reason.says : reason.kind)),
    ]);
  const listed = async () => (await world.use(images)).document.images.map(({ image, tags = [] }) => [image, ...tags]);
  const moved = (reference: string, says: string) => `${world.repo}/${reference}, which moves with it, ${says}`;
  await world.push({ since: "all" });
  expect(await missing()).toEqual([]);
  expect(await listed()).toEqual([["a"], ["b"]]);

  world.made.commit({
    ...definition("a", ["latest", "{date}"]),
    ...definition("bare", ["latest", "one"], { compat: false }),
  });
  world.made.commit({ "README.md": "of something else" });
  const expected = [
    ["science/bare", moved("sci/bare:one", "is not published")],
    ["compat/a:1.0", moved("rel/a:latest", "is not published")],
  ];
  expect(await missing()).toEqual(expected);
  await world.push({ since: "published" });
  expect(await missing()).toEqual([]);
  expect(await listed()).toEqual([["a", `${world.repo}/rel/a:latest`], ["b"]]);

  const path = world.repo.slice(world.repo.indexOf("/") + 1);
  const other = world.registry.store.manifest(`${path}/rel/b`, "1.0");
  if (other !== undefined) world.registry.store.storeManifest(`${path}/rel/a`, "latest", other);
  expect(await missing()).toEqual([["compat/a:1.0", moved("rel/a:latest", "holds another image")]]);
  expect(await listed()).toEqual([["a"], ["b"]]);
});
