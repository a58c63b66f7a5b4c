import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/model.ts";
import { composeBuilds } from "../../../src/compose/compose.ts";
import { chooseEngines, type EngineRequest } from "../../../src/engines/choice/choose-engines.ts";
import type { Need } from "../../../src/engines/choice/needs.ts";
import { type EngineDeclaration, engineTable } from "../../../src/engines/choice/table.ts";
import { makePlan } from "../../../src/plan/make-plan.ts";
import { catalogue, changes, compat, science } from "../../support/literal.ts";

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

const world = (text: string): Catalogue =>
  catalogue([
    science("a", { from: "debian", dockerfile: { path: "science/a/Dockerfile", text } }),
    compat("jupyter", { dockerfile: { path: "compat/jupyter/Dockerfile", text: "ENV J=1\n" } }),
  ]);

function choose(text: string, declared: readonly EngineDeclaration[], request: EngineRequest) {
  const all = world(text);
  const plan = makePlan(all, changes([], { since: { kind: "all" } }), { include: [], ignore: [], meaningful: false });
  const contexts = Object.fromEntries([...all.science, ...all.compat].map((layer) => [layer.directory, []]));
  return chooseEngines(composeBuilds(plan, all, contexts), all, request, declared).engines;
}

const registry: EngineRequest = { destination: "registry" };

describe("an engine that is declared", () => {
  it("is chosen around where a build requires a feature that it does not take", () => {
    const engines = choose("FROM debian\nCOPY <<E /x\nx\nE\n", [another(["run"]), ...engineTable], registry);
    expect(engines["science/a"]).toMatchObject({ name: "assemble", why: "needs heredocs: science/a/Dockerfile:2" });
    expect(engines["compat/a:1.0"]).toMatchObject({ name: "another", why: "it is preferred" });
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
    const engines = choose("FROM debian\nRUN make\n", [...engineTable, another([])], {
      ...registry,
      forced: "another",
    });
    expect(engines["science/a"]).toMatchObject({ name: "another", why: "--engine", lacks: { text: "RUN" } });
    expect(engines["compat/a:1.0"]).not.toHaveProperty("lacks");
  });
});
