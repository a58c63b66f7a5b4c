import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import type { Catalogue } from "../../src/catalogue/model.ts";
import type { ChangedFile } from "../../src/changes/model.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/model.ts";
import { changes } from "../support/literal.ts";
import { definition, home, type Meant, nameOf, randomCatalogue, repo, sharedFolders } from "./random-catalogue.ts";

/** What a person with paper and pencil would say of a catalogue, from the rules alone (B18, B19, B24); as slow as it is plain. */
function independentReading(
  { layers, compat }: Meant,
  changed: readonly string[],
): { science: string[]; compat: Map<string, string[]>; tags: string[] } {
  let planned = layers
    .filter(
      ({ name, version, folders }) =>
        changed.includes(`science/${name}`) ||
        changed.includes(`${name}@${version}`) ||
        folders.some((folder) => changed.includes(folder)),
    )
    .map(nameOf);
  for (let round = 0; round < layers.length; round++) {
    planned = layers
      .filter((each) => planned.includes(nameOf(each)) || each.parents.some((parent) => planned.includes(parent)))
      .map(nameOf);
  }
  const isBuiltOn = (upper: string, lower: string): boolean =>
    layers.find((each) => nameOf(each) === upper)?.parents.some((each) => each === lower || isBuiltOn(each, lower)) ??
    false;
  const finals = layers.filter(
    (each) =>
      !layers.some(
        (other) =>
          other.image === each.image && other.version === each.version && isBuiltOn(nameOf(other), nameOf(each)),
      ),
  );
  const stack = (name: string): string[] => [
    ...new Set([...(compat.find((each) => each.name === name)?.includes ?? []).flatMap(stack), name]),
  ];
  const isChanged = (name: string): boolean =>
    changed.includes(`compat/${name}`) ||
    compat.some((each) => each.name === name && each.folders.some((folder) => changed.includes(folder)));
  const built = finals.flatMap((each) => {
    if (each.compat === undefined) return [];
    const layersOf = stack(each.compat);
    const isBuilt = planned.includes(nameOf(each)) || layersOf.some(isChanged);
    return isBuilt ? [{ ...each, layersOf }] : [];
  });
  const bare = finals.filter((each) => each.compat === undefined && planned.includes(nameOf(each)));
  return {
    science: planned.sort(),
    compat: new Map(built.map((each) => [`compat/${each.image}:${each.version}`, each.layersOf])),
    tags: [
      ...built.flatMap(({ image, tags }) => tags.map((tag) => `${repo}/rel/${image}:${tag}`)),
      ...bare.flatMap(({ target, tags }) => tags.map((tag) => `${repo}/sci/${target}:${tag}`)),
    ].sort(),
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
    ...new Set(meant.layers.map(({ name }) => `science/${name}`)),
    ...meant.layers.flatMap(({ isVariant, name, version }) => (isVariant ? [`${name}@${version}`] : [])),
    ...meant.compat.map(({ name }) => `compat/${name}`),
    ...sharedFolders.filter((each) => each.startsWith("shared/")),
  ];
  return fc.record({ meant: fc.constant(meant), changed: fc.subarray(directories) });
});

const planOf = (catalogue: Catalogue, { layers }: Meant, changed: readonly string[]): Plan =>
  makePlan(
    catalogue,
    changes([
      ...changed.flatMap((each) => (each.includes("@") ? [] : [`${each}/Dockerfile`])),
      ...[...new Set(layers.map(({ name }) => name))].flatMap((name) => changedEntries(name, layers, changed)),
    ]),
  );

/** A change of the definition that is one of these variants alone. */
function changedEntries(name: string, layers: Meant["layers"], changed: readonly string[]): ChangedFile[] {
  const own = layers.filter((each) => each.name === name);
  const old = own.map(({ version }) => version).filter((version) => changed.includes(`${name}@${version}`));
  const path = `science/${name}/sciserver-image.json`;
  return old.length === 0 ? [] : [{ path, status: "modified", uncommitted: false, before: definition(own, old) }];
}

describe("on random catalogues", () => {
  it("catalogue and plan agree with an independent reading of the rules", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(world, ({ meant, changed }) => {
        const catalogue = load(meant);
        expect(catalogue.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        const { builds } = planOf(catalogue, meant, changed);
        const expected = independentReading(meant, changed);
        expect(builds.flatMap(({ id }) => /^science\/(.*)/.exec(id)?.[1] ?? []).sort()).toEqual(expected.science);
        expect(builds.flatMap(({ tags }) => tags.slice(2)).sort()).toEqual(expected.tags);
        expect(
          new Map(builds.flatMap((each) => (each.kind === "compat" ? [[each.id, [...each.layers]] as const] : []))),
        ).toEqual(expected.compat);
      }),
      { numRuns: 200 },
    );
  });

  it("parents precede dependents, each build comes once, and its tags are its own", () => {
    fc.assert(
      fc.property(world, ({ meant, changed }) => {
        const { builds } = planOf(load(meant), meant, changed);
        const place = new Map(builds.map(({ id }, at) => [id, at]));
        expect(place.size).toBe(builds.length);
        const tags = builds.flatMap((each) => each.tags);
        expect(new Set(tags).size).toBe(tags.length);
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
        const plan = planOf(catalogue, meant, changed);
        expect(planOf(JSON.parse(JSON.stringify(catalogue)) as Catalogue, meant, [...changed].reverse())).toEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }),
      { numRuns: 100 },
    );
  });
});
