import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { manifestTarget, parseReferenceOrThrow } from "../../src/oci/reference.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { build } from "../../src/run/build.ts";
import { rollback } from "../../src/run/rollback.ts";
import { withSession } from "../../src/run/session.ts";
import { status } from "../../src/run/status.ts";
import { verify } from "../../src/run/verify.ts";
import { flatten } from "../engines/assemble/flatten.ts";
import { compatFiles, repository } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
afterAll(() => registries.close());

const definition = (tags: readonly string[], two = "two") => ({
  "science/p/sciserver-image.json": {
    image: "py",
    compat: "jupyter",
    contexts: { lists: "shared/lists" },
    variants: [
      { version: "1", args: { WHAT: "one" } },
      { version: "2", args: { WHAT: two }, tags, contexts: { lists: "shared/other" } },
    ],
  },
});

const engines = { "Docker 20.10": world.engine, "Docker 28": world.modern };

describe.each(Object.entries(engines))("variants with further tags and folders of their own, by %s", (name, engine) => {
  it("are built, published, rolled back and verified each for itself", { timeout: 120_000 }, async () => {
    const repo = `${world.registry}/variants-${process.pid}-${name.replace(/\D/g, "")}`;
    const made = repository({
      ...compatFiles("jupyter"),
      ...definition(["latest", "{major}.x"]),
      "science/p/Dockerfile": "FROM scratch\nARG WHAT\nCOPY --from=lists list /$WHAT\n",
      "shared/lists/list": "1\n",
      "shared/other/list": "2\n",
    });
    const environment = {
      ...process.env,
      ...engineEnvironment(engine),
      PATH: `${dirname(engine.client)}:${process.env["PATH"]}`,
      XDG_STATE_HOME: `${made.path}/.git/state`,
      XDG_CACHE_HOME: `${made.path}/.git/cache`,
    };
    const options = { root: made.path, settings: { repo, engine: "docker" }, environment };
    const push = () => withSession(options, (session) => build(session, { since: "published", push: true }));
    const digest = async (image: string) => {
      const reference = parseReferenceOrThrow(`${repo}/${image}`);
      return (await registry.repository(reference.repository).manifests.head(manifestTarget(reference)))?.digest;
    };
    const filesOf = async (image: string) => Object.keys((await flatten(registry, `${repo}/${image}`)).files);

    await push();
    expect([await filesOf("rel/py:1"), await filesOf("rel/py:2")]).toEqual([["one"], ["two"]]);
    expect((await flatten(registry, `${repo}/rel/py:1`)).files["one"]).not.toBe(
      (await flatten(registry, `${repo}/rel/py:2`)).files["two"],
    );
    const [one, two] = [await digest("rel/py:1"), await digest("rel/py:2")];
    expect([await digest("rel/py:latest"), await digest("rel/py:2.x")]).toEqual([two, two]);

    made.commit(definition(["latest"], "zwei"));
    expect((await push()).plan.builds.map(({ id }) => id)).toEqual(["science/p:2", "compat/py:2"]);
    expect([await digest("rel/py:1"), await digest("rel/py:latest")]).toEqual([one, await digest("rel/py:2")]);
    // What is taken out of the definition stays where it is.
    expect(await digest("rel/py:2.x")).toBe(two);
    await withSession(options, (session) => rollback(session, { what: "py:2" }));
    expect([await digest("rel/py:2"), await digest("rel/py:latest")]).toEqual([two, two]);
    const { statuses } = await withSession(options, status);
    expect(statuses.map(({ version, states }) => `${version} ${states.join()}`)).toContain("1 current");
    const { verdicts } = await withSession(options, (session) => verify(session, { images: "all" }));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(verdicts.map(() => "untouched"));
  });
});
