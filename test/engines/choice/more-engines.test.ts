import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/model.ts";
import { composeBuilds } from "../../../src/compose/compose.ts";
import { chooseEngines, type EngineRequest } from "../../../src/engines/choice/choose-engines.ts";
import type { Need } from "../../../src/engines/choice/needs.ts";
import { type EngineDeclaration, engineTable } from "../../../src/engines/choice/table.ts";
import { makePlan } from "../../../src/plan/make-plan.ts";
import { catalogue, changes, compat, recipe, science } from "../../support/literal.ts";

/** One more engine than there are, preferred to them. */
const another = (takes: readonly Need[], rest: Partial<EngineDeclaration> = {}): EngineDeclaration => ({
  name: "another",
  title: "other engine",
  suits: "it is preferred",
  takes: new Set(takes),
  reaches: ["registry", "layout", "store"],
  readsParentsFrom: ["registry", "layout", "store"],
  splitsStages: false,
  ...rest,
});

const world = (text: string, more: Parameters<typeof compat>[1]): Catalogue =>
  catalogue([
    science("a", { from: "debian", dockerfile: { path: "science/a/Dockerfile", text } }),
    compat("jupyter", { dockerfile: recipe("compat/jupyter/Dockerfile", "ENV J=1\n"), ...more }),
  ]);

function choose(
  text: string,
  declared: readonly EngineDeclaration[],
  request: EngineRequest,
  more: Parameters<typeof compat>[1] = {},
) {
  const all = world(text, more);
  const plan = makePlan(all, changes([], { since: { kind: "all" } }), { include: [], ignore: [], meaningful: false });
  const contexts = Object.fromEntries([...all.science, ...all.compat].map((layer) => [layer.directory, []]));
  return chooseEngines(composeBuilds(plan, all, contexts), request, declared).engines;
}

const registry: EngineRequest = { destination: "registry" };

describe("an engine that is declared", () => {
  it("is chosen around where a build requires a feature that it does not take", () => {
    const engines = choose("FROM debian\nCOPY <<E /x\nx\nE\n", [another(["run"]), ...engineTable], registry);
    expect(engines["science/a"]).toMatchObject({ name: "assemble", why: "needs heredocs: science/a/Dockerfile:2" });
    expect(engines["compat/a:1.0"]).toMatchObject({ name: "another", why: "it is preferred" });
  });

  it("is chosen around where a layer declares a user that it neither takes nor can add with RUN", () => {
    const user = { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/home/idies", shell: "/bin/sh" };
    const by = (takes: readonly Need[]) =>
      choose("FROM debian\nENV A=1\n", [another(takes), ...engineTable], registry, { user })["compat/a:1.0"];
    expect(by([])).toMatchObject({ name: "assemble", why: "needs users and directories that layers declare" });
    expect(by(["declared"])).toMatchObject({ name: "another" });
    expect(by(["run"])).toMatchObject({ name: "another" });
  });

  it("makes what has to run when it takes RUN and is preferred", () => {
    const engines = choose("FROM debian\nRUN make\n", [another(["run"]), ...engineTable], registry);
    expect(engines["science/a"]).toMatchObject({ name: "another", why: "it is preferred" });
  });

  it("is chosen around where it does not reach the destination", () => {
    const declared = [another(["run"], { reaches: ["registry"] }), ...engineTable];
    const engines = choose("FROM debian\nRUN make\n", declared, { destination: "store" });
    expect(engines["science/a"]).toMatchObject({ name: "docker", why: "the image stays on this machine" });
  });

  it("builds what it builds on where it does not read the images of others", () => {
    const reader = another([], { readsParentsFrom: ["store"] });
    const engines = choose("FROM debian\nCOPY <<E /x\nx\nE\n", [reader, ...engineTable], registry);
    expect(engines["science/a"]).toMatchObject({
      name: "another",
      why: "compat/a:1.0 is built on it by another",
      lacks: { need: "heredoc" },
    });
  });

  it("is judged when it is forced, like any other", () => {
    const settled = { name: "another", why: "--engine" };
    const forced = { "science/a": settled, "compat/a:1.0": settled };
    const engines = choose("FROM debian\nRUN make\n", [...engineTable, another([])], { ...registry, forced });
    expect(engines["science/a"]).toMatchObject({ name: "another", why: "--engine", lacks: { text: "RUN" } });
    expect(engines["compat/a:1.0"]).not.toHaveProperty("lacks");
  });
});
