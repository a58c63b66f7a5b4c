import { describe, expect, it, onTestFinished } from "vitest";
import { build } from "../../src/run/build.ts";
import { withSession } from "../../src/run/session.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { planAt } from "../support/plan-at.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

interface Config {
  readonly config: { readonly OnBuild?: string[] };
  readonly rootfs: { readonly diff_ids: string[] };
}

describe("what a science layer leaves behind ONBUILD", () => {
  it("is planned again with what it copies from, and so is what is built on it", async () => {
    const world = repository({
      ...scienceFiles("tool", "scratch"),
      ...scienceFiles("base", "scratch"),
      "science/base/Dockerfile":
        "FROM scratch\nONBUILD COPY --from=sci/tool:1.0 /x /x\nONBUILD COPY --from=tool /y /y\n",
      ...scienceFiles("child", "sci/base:1.0"),
      ...scienceFiles("other", "scratch"),
      ...compatFiles("jupyter"),
    });
    world.commit({ "science/tool/x": "1" });
    const science = async () =>
      (await planAt({ root: world.path })).plan.builds.flatMap(({ id, kind }) => (kind === "science" ? [id] : []));
    expect(await science()).toEqual(["science/tool", "science/base", "science/child"]);
  });

  it("is carried out in the science image built on it, and neither in an interface nor behind one", async () => {
    const registry = await startHttpRegistry();
    onTestFinished(() => registry.stop());
    const { path } = repository({
      ...scienceFiles("base", "scratch"),
      "science/base/Dockerfile": "FROM scratch\nCOPY base /base\nONBUILD COPY env.txt /env.txt\n",
      "science/base/base": "base",
      ...scienceFiles("child", "sci/base:1.0"),
      "science/child/env.txt": "numpy\n",
      ...compatFiles("jupyter"),
    });
    const settings = { repo: `${registry.host}/r` };
    const environment = { ...process.env, XDG_STATE_HOME: `${path}/.git/state`, XDG_CACHE_HOME: `${path}/.git/cache` };
    const { published } = await withSession({ root: path, settings, environment }, (session) =>
      build(session, { since: "all", push: true }),
    );
    expect(published.filter(({ stable }) => stable)).toHaveLength(4);
    const configOf = (repository: string): Config => {
      const { bytes } = registry.store.manifest(repository, "1.0") ?? {};
      const { config } = JSON.parse(String(bytes)) as { config: { digest: never } };
      return JSON.parse(String(registry.store.repository(repository).blobs.get(config.digest))) as Config;
    };
    const layers = (repository: string): number => configOf(repository).rootfs.diff_ids.length;
    expect(configOf("r/sci/base").config.OnBuild).toEqual(["COPY env.txt /env.txt"]);
    expect(["sci/base", "rel/base", "sci/child", "rel/child"].map((each) => layers(`r/${each}`))).toEqual([1, 1, 2, 2]);
    for (const each of ["rel/base", "sci/child", "rel/child"])
      expect([each, configOf(`r/${each}`).config.OnBuild]).toEqual([each, undefined]);

    const forced = withSession({ root: path, settings: { ...settings, engine: "docker" }, environment }, (session) =>
      build(session, { since: "all", push: true }),
    );
    await expect(forced).rejects.toThrow("compat/base:1.0: it needs a base whose ONBUILD is left alone");
  });
});
