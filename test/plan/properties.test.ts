import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import type { Catalogue } from "../../src/catalogue/model.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/model.ts";
import { changes } from "../support/literal.ts";
import { home, type Meant, randomCatalogue, repo } from "./random-catalogue.ts";

/** What a person with paper and pencil would say of a catalogue, from the rules alone (B18, B19, B24); as slow as it is plain. */
function independentReading(
  { layers, compat }: Meant,
  changed: readonly string[],
): { science: string[]; compat: Map<string, string[]> } {
  let planned = layers.filter(({ name }) => changed.includes(`science/${name}`)).map(({ target }) => target);
  for (let round = 0; round < layers.length; round++) {
    planned = layers
      .filter(({ target, parents }) => planned.includes(target) || parents.some((each) => planned.includes(each)))
      .map(({ target }) => target);
  }
  const isBuiltOn = (upper: string, lower: string): boolean =>
    layers.find(({ target }) => target === upper)?.parents.some((each) => each === lower || isBuiltOn(each, lower)) ??
    false;
  const finals = layers.filter(
    (each) =>
      !layers.some(
        (other) => other.image === each.image && other.version === each.version && isBuiltOn(other.target, each.target),
      ),
  );
  const stack = (name: string): string[] => [
    ...new Set([...(compat.find((each) => each.name === name)?.includes ?? []).flatMap(stack), name]),
  ];
  const built = finals.filter(
    (each) => planned.includes(each.target) || stack(each.compat).some((name) => changed.includes(`compat/${name}`)),
  );
  return {
    science: planned.sort(),
    compat: new Map(built.map((each) => [`compat/${each.image}:${each.version}`, stack(each.compat)])),
  };
}

function load(meant: Meant): Catalogue {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-random-"));
  try {
    for (const [path, text] of Object.entries({
      ...meant.files,
      "image-builder.json": JSON.stringify({ repo: home }),
    })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text as string);
    }
    return loadCatalogue(folder, { repo });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const world = randomCatalogue.chain((meant) => {
  const directories = [
    ...meant.layers.map(({ name }) => `science/${name}`),
    ...meant.compat.map(({ name }) => `compat/${name}`),
  ];
  return fc.record({ meant: fc.constant(meant), changed: fc.subarray(directories) });
});

const planOf = (catalogue: Catalogue, changed: readonly string[]): Plan =>
  makePlan(catalogue, changes(changed.map((each) => `${each}/Dockerfile`)));

describe("on random catalogues", () => {
  it("catalogue and plan agree with an independent reading of the rules", () => {
    fc.assert(
      fc.property(world, ({ meant, changed }) => {
        const catalogue = load(meant);
        expect(catalogue.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        const { builds } = planOf(catalogue, changed);
        const expected = independentReading(meant, changed);
        expect(builds.flatMap((each) => (each.kind === "science" ? each.target : [])).sort()).toEqual(expected.science);
        expect(
          new Map(builds.flatMap((each) => (each.kind === "compat" ? [[each.id, [...each.layers]] as const] : []))),
        ).toEqual(expected.compat);
      }),
      { numRuns: 300 },
    );
  });

  it("parents precede dependents, each build comes once, and its tags are its own", () => {
    fc.assert(
      fc.property(world, ({ meant, changed }) => {
        const { builds } = planOf(load(meant), changed);
        const place = new Map(builds.map(({ id }, at) => [id, at]));
        expect(place.size).toBe(builds.length);
        expect(new Set(builds.flatMap(({ tags }) => tags)).size).toBe(2 * builds.length);
        for (const { id, dependsOn } of builds)
          for (const each of dependsOn) expect(place.get(each)).toBeLessThan(place.get(id) as number);
      }),
      { numRuns: 100 },
    );
  });

  it("planning is deterministic and a plan survives JSON", () => {
    fc.assert(
      fc.property(world, ({ meant, changed }) => {
        const catalogue = load(meant);
        const plan = planOf(catalogue, changed);
        expect(planOf(JSON.parse(JSON.stringify(catalogue)) as Catalogue, [...changed].reverse())).toEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }),
      { numRuns: 100 },
    );
  });
});
