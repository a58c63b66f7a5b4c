import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/model.ts";
import { composeBuilds } from "../../../src/compose/compose.ts";
import type { ImageBuild } from "../../../src/compose/model.ts";
import { renderDockerfile } from "../../../src/compose/render.ts";
import { parseDockerfile } from "../../../src/dockerfile/index.ts";
import { chooseEngines } from "../../../src/engines/choice/choose-engines.ts";
import { makePlan } from "../../../src/plan/make-plan.ts";
import { catalogue, changes, compat, recipe, science } from "../../support/literal.ts";

const dockerfile = (path: string, text: string) => ({ dockerfile: recipe(path, text) });

const withStage = `FROM debian AS ui
RUN make /out
FROM science
COPY --from=ui /out /opt/ui
ENV UI=1
`;

function world(jupyter: string, more: Parameters<typeof compat>[1] = {}): Catalogue {
  return catalogue([
    science("a", { from: "debian", ...dockerfile("science/a/Dockerfile", "FROM debian\nCOPY x /x\n") }),
    science("b", { from: "debian", ...dockerfile("science/b/Dockerfile", "FROM debian\nENV A=1\nRUN make\n") }),
    compat("common", {
      user: { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/home/idies", shell: "/bin/sh" },
      ...dockerfile("compat/common/Dockerfile", "ENV COMMON=1\n"),
    }),
    compat("jupyter", { includes: ["common"], ...dockerfile("compat/jupyter/Dockerfile", jupyter), ...more }),
  ]);
}

function compose(all: Catalogue): ImageBuild[] {
  const plan = makePlan(all, changes([], { since: { kind: "all" } }), { include: [], ignore: [], meaningful: false });
  const contexts = Object.fromEntries([...all.science, ...all.compat].map((layer) => [layer.directory, []]));
  return composeBuilds(plan, all, contexts);
}

const choose = (all: Catalogue, request: Parameters<typeof chooseEngines>[1]) => chooseEngines(compose(all), request);

describe("the choice of engine", () => {
  it("assembles what runs nothing, and says where RUN binds another image to docker", () => {
    const { engines } = choose(world("ENV J=1\n"), { destination: "registry" });
    expect(engines["science/a"]?.name).toBe("assemble");
    expect(engines["science/b"]).toMatchObject({ name: "docker", why: "needs RUN: science/b/Dockerfile:3" });
    expect(engines["compat/a:1.0"]?.name).toBe("assemble");
  });

  describe("where a layer leaves triggers behind ONBUILD", () => {
    const triggered = (triggers: string, jupyter = "COPY start /start\n") =>
      catalogue([
        science("base", {
          from: "debian",
          ...dockerfile("science/base/Dockerfile", `FROM debian AS first\nONBUILD RUN gone\nFROM debian\n${triggers}`),
        }),
        science("child", { from: "base", ...dockerfile("science/child/Dockerfile", "FROM sci/base:1.0\n") }),
        science("grandchild", {
          from: "child",
          ...dockerfile("science/grandchild/Dockerfile", "FROM sci/child:1.0\n"),
        }),
        compat("jupyter", dockerfile("compat/jupyter/Dockerfile", jupyter)),
      ]);

    it("is made for what they do in the image built on it, and in no other", () => {
      const { engines } = choose(triggered("ONBUILD COPY e /e\nONBUILD RUN make\n"), { destination: "registry" });
      expect(engines["science/base"]).toMatchObject({ name: "assemble" });
      expect(engines["science/child"]).toMatchObject({
        name: "docker",
        why: "needs RUN by ONBUILD of science/base: science/child/Dockerfile:1",
      });
      for (const id of ["science/grandchild", "compat/base:1.0", "compat/child:1.0"])
        expect([id, engines[id]?.name]).toEqual([id, "assemble"]);
      const copying = choose(triggered("ONBUILD COPY e /e\n"), { destination: "registry" });
      expect(copying.engines["science/child"]?.name).toBe("assemble");
    });

    it("carries out the stages that they copy from, also where nothing else needs these", () => {
      const copying = (stage: string) => {
        const child = `FROM debian AS builder\n${stage}\nFROM sci/base:1.0\n`;
        const base = "FROM debian\nONBUILD COPY --from=builder /out /out\n";
        const layers = catalogue([
          science("base", { from: "debian", ...dockerfile("science/base/Dockerfile", base) }),
          science("child", { from: "base", ...dockerfile("science/child/Dockerfile", child) }),
          compat("jupyter", dockerfile("compat/jupyter/Dockerfile", "ENV A=1\n")),
        ]);
        for (const layer of layers.science.filter(({ name }) => name === "child"))
          Object.assign(layer, { bases: layer.bases.map((each) => ({ ...each, stage: 1 })) });
        return choose(layers, { destination: "registry" }).engines["science/child"];
      };
      expect(copying("RUN make")).toMatchObject({ name: "docker", why: "needs RUN: science/child/Dockerfile:2" });
      expect(copying("COPY out /out")?.name).toBe("assemble");
    });

    it("counts those of a stage of the same Dockerfile", () => {
      const own = (trigger: string) => {
        const text = `FROM debian AS below\nONBUILD ${trigger}\nFROM below\n`;
        const layers = catalogue([
          science("own", { from: "debian", ...dockerfile("science/own/Dockerfile", text) }),
          compat("jupyter", dockerfile("compat/jupyter/Dockerfile", "ENV A=1\n")),
        ]);
        return choose(layers, { destination: "registry" }).engines["science/own"];
      };
      expect(own("RUN make")).toMatchObject({ name: "docker", why: "needs RUN by ONBUILD: science/own/Dockerfile:2" });
      expect(own("COPY a /a")?.name).toBe("assemble");
    });

    it("is no engine that would carry them out in an interface", () => {
      const all = triggered("ONBUILD COPY e /e\n", "RUN make\n");
      const lacks = { name: "docker", lacks: { need: "untriggered" } };
      expect(choose(all, { destination: "registry" }).engines["compat/base:1.0"]).toMatchObject(lacks);
      expect(choose(all, { destination: "registry" }).engines["compat/child:1.0"]).not.toHaveProperty("lacks");
      const forced = { "compat/base:1.0": { name: "docker", why: "--engine" } };
      const { engines } = choose(triggered("ONBUILD COPY e /e\n"), { destination: "registry", forced });
      expect(engines["compat/base:1.0"]).toMatchObject(lacks);
    });
  });

  it("names the line of the compat layer, not of the composed Dockerfile", () => {
    const { engines, builds } = choose(world("ENV J=1\n\nRUN pip install jupyter\n"), { destination: "registry" });
    expect(engines["compat/a:1.0"]).toMatchObject({ name: "docker", why: "needs RUN: compat/jupyter/Dockerfile:3" });
    expect(builds.map(({ kind }) => kind)).not.toContain("payload");
  });

  it("splits a stage with RUN off, once for all science images", () => {
    const { builds, engines } = choose(world(withStage), { destination: "registry" });
    const payloads = builds.filter(({ kind }) => kind === "payload");
    expect(payloads).toHaveLength(1);
    expect(engines[payloads[0]?.id ?? ""]?.name).toBe("docker");
    expect(payloads[0]?.id).toMatch(/^payload\/jupyter-ui-[0-9a-f]{12}$/);
    for (const build of builds.filter(({ kind }) => kind === "compat")) {
      expect(build.dependsOn).toContain(payloads[0]?.id);
      expect(engines[build.id]?.name).toBe("assemble");
      expect(builds.indexOf(build)).toBeGreaterThan(builds.indexOf(payloads[0] as ImageBuild));
    }
  });

  it("leaves Dockerfiles that can be rendered: the stage alone, and the image that copies from it", () => {
    const { builds } = choose(world(withStage), { destination: "registry" });
    const text = (build: ImageBuild | undefined): string => {
      const pins = (build?.dockerfile.references ?? []).map(({ base }) => {
        const name = base.kind === "built" ? `built/${base.id.replace(/[^a-z0-9/-]/g, "-")}` : base.name;
        return { reference: name, name };
      });
      return build ? renderDockerfile(build.dockerfile, pins, "run").text : "";
    };
    const payload = text(builds.find(({ kind }) => kind === "payload"));
    expect(payload).toMatch(/FROM debian AS jupyter-ui\nRUN make \/out\n$/);
    const compatText = text(builds.find(({ id }) => id === "compat/a:1.0"));
    expect(parseDockerfile(compatText).stages).toHaveLength(1);
    expect(compatText).toMatch(/^# [^\n]*\nFROM built\/science\/a\n/m);
    expect(compatText).toMatch(/COPY --from=built\/payload\/jupyter-ui-[0-9a-f]{12} \/out \/opt\/ui\nENV UI=1\n/);
    expect(compatText).toMatch(/# compat\/common\nRUN .*idies.*\nENV COMMON=1\n/s);
  });

  it("keeps stages that run nothing in the image", () => {
    const { builds } = choose(world(withStage.replace("RUN make /out", "COPY x /out")), { destination: "registry" });
    expect(builds.map(({ kind }) => kind)).not.toContain("payload");
  });

  it("leaves a stage with the image when that needs an engine itself", () => {
    const { builds, engines } = choose(world(`${withStage}RUN true\n`), { destination: "registry" });
    expect(builds.map(({ kind }) => kind)).not.toContain("payload");
    expect(engines["compat/b:1.0"]?.why).toBe("needs RUN: compat/jupyter/Dockerfile:6");
  });

  it("lets docker make everything that stays in its store, and obeys what is settled", () => {
    const store = choose(world("ENV J=1\n"), { destination: "store" });
    expect(new Set(Object.values(store.engines).map(({ name }) => name))).toEqual(new Set(["docker"]));
    const assemble = { name: "assemble", why: "--engine" };
    const forced = choose(world("RUN x\n"), { destination: "registry", forced: { "science/b": assemble } });
    expect(forced.engines["science/b"]).toMatchObject({ ...assemble, lacks: { need: "run" } });
    expect(forced.engines["compat/a:1.0"]).toMatchObject({
      name: "docker",
      why: "needs RUN: compat/jupyter/Dockerfile:1",
    });
  });

  it("sends an image with tests to an engine that can run them", () => {
    const { engines } = choose(world("ENV J=1\n", { test: [{ name: "true", run: "true" }] }), {
      destination: "registry",
    });
    expect(engines["compat/a:1.0"]).toMatchObject({ name: "docker", why: "needs a container for its tests" });
  });
});
