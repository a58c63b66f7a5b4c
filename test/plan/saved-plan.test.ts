import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { leaveOut } from "../../src/plan/leave-out.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/model.ts";
import { type PlanRequest, plan } from "../../src/run/plan.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";

const files: Files = {
  ...compatFiles("jupyter", ["common"]),
  ...compatFiles("common"),
  ...scienceFiles("base", "debian"),
  ...scienceFiles("kid", "sci/base:1.0"),
  ...scienceFiles("other", "debian"),
};

const planIn = async (root: string, request: PlanRequest = {}): Promise<Plan> =>
  (await withSession({ root }, (session) => plan(session, request))).plan;

/** A plan whose parts can be written to. */
interface Edited {
  dirty: boolean;
  summary: { science: number; compat: number };
  builds: EditedBuild[];
}

interface EditedBuild {
  id: string;
  kind: string;
  image: string;
  version: string;
  tags: [string, string];
  dependsOn: string[];
  reasons: object[];
  directory?: string;
  target?: string;
  science?: string;
  layers?: string[];
  replaced?: object[];
  fixed?: object;
  engine?: object;
  network?: string;
}

/** Messages of the refusal of a plan of everything that was edited; empty when it is accepted. */
async function refused(edit: (plan: Edited) => void, request: PlanRequest = { since: "all" }): Promise<string[]> {
  const { path } = repository(files);
  const made = JSON.parse(JSON.stringify(await planIn(path, request))) as Edited;
  edit(made);
  try {
    await planIn(path, { saved: { name: "plan.json", text: JSON.stringify(made) } });
    return [];
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    return cause.diagnostics.map(({ message }) => message.replace("plan.json: ", ""));
  }
}

const build = (plan: Edited, id: string): EditedBuild => plan.builds.find((each) => each.id === id) as EditedBuild;
const drop = (plan: Edited, ...ids: string[]): void => {
  plan.builds = plan.builds.filter((each) => !ids.includes(each.id));
  plan.summary = {
    science: plan.builds.filter((each) => each.kind === "science").length,
    compat: plan.builds.filter((each) => each.kind === "compat").length,
  };
};

describe("a saved plan", () => {
  it.each<[string, PlanRequest]>([
    ["of everything", { since: "all" }],
    ["of the last commit", {}],
    ["of a layer that is included", { include: ["science/kid"] }],
    ["of which a layer was left out", { since: "all", ignore: ["science/kid"] }],
    ["of which an interface was left out", { since: "all", ignore: ["compat/jupyter"] }],
  ])("is accepted as it was made: %s", async (_, request) => {
    expect(await refused(() => undefined, request)).toEqual([]);
  });

  it("is accepted as it was made: of a refresh", async () => {
    const { path } = repository(files);
    const refresh = { what: ["kid:1.0", "science/other"], number: 3 };
    const made = await withSession({ root: path }, async (session) => {
      const { catalogue, changes } = await session.read("all");
      return makePlan(catalogue, changes, { refresh });
    });
    expect(made.builds.map(({ tags }) => tags[0].endsWith("-r3"))).toEqual([true, true, true]);
    const again = await planIn(path, { saved: { name: "p", text: JSON.stringify(made) } });
    expect(again.builds).toEqual(made.builds);
  });

  it("is accepted without what was rolled back", async () => {
    const edit = (made: Edited): void => {
      Object.assign(made, leaveOut(made as unknown as Plan, new Set(["science/kid", "compat/kid:1.0"])));
    };
    expect(await refused(edit)).toEqual([]);
  });

  it("may be in another order, ask for another engine, and for less", async () => {
    const edit = (made: Edited): void => {
      made.builds.reverse();
      build(made, "science/other").engine = { name: "docker", why: "wanted" };
    };
    expect(await refused(edit)).toEqual([]);
    expect(await refused((made) => drop(made, "science/other", "compat/other:1.0"))).toEqual([]);
  });

  it.each<[string, (made: Edited) => void, string]>([
    ["tags", (made) => (build(made, "science/base").tags[1] += "1"), "tags of science/base is"],
    ["version", (made) => (build(made, "science/base").version = "2.0"), "version of science/base is"],
    ["image", (made) => (build(made, "compat/kid:1.0").image = "other"), "image of compat/kid:1.0 is"],
    ["directory", (made) => (build(made, "science/base").directory = "science/kid"), "directory of science/base is"],
    ["target", (made) => (build(made, "science/base").target = "kid"), "target of science/base is"],
    ["layers", (made) => (build(made, "compat/kid:1.0").layers = []), "layers of compat/kid:1.0 is []"],
    ["science", (made) => (build(made, "compat/kid:1.0").science = "other"), "science of compat/kid:1.0 is"],
    ["replaced", (made) => (build(made, "compat/kid:1.0").replaced = [{ file: "a", by: "b", of: "c" }]), "replaced of"],
    ["fixed", (made) => (build(made, "compat/kid:1.0").fixed = { target: "kid", digest: "sha256:0" }), "fixed of"],
    [
      "a field that no build has",
      (made) => (build(made, "science/base").network = "host"),
      "network of science/base is",
    ],
    ["a build that is none", (made) => (build(made, "science/base").id = "science/none"), "has no build"],
    ["a count", (made) => (made.summary.science = 9), "summary.science is 9, and its list of builds says 3"],
    ["dirty", (made) => (made.dirty = true), "dirty is true"],
    [
      "an edge less",
      (made) => (build(made, "science/kid").dependsOn = []),
      "science/kid does not depend on science/base",
    ],
    [
      "an edge more",
      (made) => build(made, "science/other").dependsOn.push("science/base"),
      "in the catalogue it does not",
    ],
    [
      "an edge to nothing",
      (made) => build(made, "science/other").dependsOn.push("x"),
      'depends on "x", which is not in',
    ],
    ["a build twice", (made) => made.builds.push(build(made, "science/base")), '"science/base" is listed twice'],
    ["a build left out that others wait for", (made) => drop(made, "science/base"), "which is not in the plan"],
    ["a build left out that follows", (made) => drop(made, "compat/base:1.0"), "compat/base:1.0 is not in the plan"],
    ["a child left out", (made) => drop(made, "science/kid", "compat/kid:1.0"), "science/kid is not in the plan"],
    [
      "a circle",
      (made) => (build(made, "science/base").dependsOn = ["science/kid"]),
      "in a circle: science/base → science/kid → science/base",
    ],
    [
      "a reason that is none",
      (made) => build(made, "science/other").reasons.push({ kind: "parent-rebuilt", parent: "base" }),
      "which it is not built on",
    ],
  ])("is refused where the catalogue or the plan itself contradicts it: %s", async (_, edit, words) => {
    expect((await refused(edit)).join("\n")).toContain(words);
  });

  it("is refused with all contradictions at once", async () => {
    const found = await refused((made) => {
      build(made, "science/base").version = "2.0";
      build(made, "science/base").tags = ["a", "b"];
      made.summary.compat = 0;
    });
    expect(found.map((each) => each.split(" is ")[0])).toEqual([
      "summary.compat",
      "version of science/base",
      "tags of science/base",
    ]);
  });

  it("keeps the warnings that its range has, whether or not it tells them", async () => {
    const world = repository(files);
    world.commit({ "science/other": undefined });
    const made = await planIn(world.path);
    const text = JSON.stringify({ ...made, warnings: [] });
    const codes = (await planIn(world.path, { saved: { name: "p", text }, since: "HEAD" })).warnings.map(
      ({ code }) => code,
    );
    expect(codes).toEqual(["orphaned-image"]);
  });
});
