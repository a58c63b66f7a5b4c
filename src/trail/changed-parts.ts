import { type Breadcrumbs, baseDigest, baseScience, type Crumb } from "../published/crumbs.ts";

/** What is of another definition, on another base, or was only built again. */
export function changedParts(now: Breadcrumbs, then: Breadcrumbs): string[] {
  const before = new Map(then.science.map((each) => [each.name, each]));
  const science = now.science.flatMap((each) => changedScience(each, before.get(each.name)));
  const gone = then.science.filter(({ name }) => !now.science.some((each) => each.name === name));
  return [
    ...science,
    ...gone.map(({ name }) => `science layer ${name} is gone`),
    ...changedInterface(now.compat, then.compat),
  ];
}

function changedScience(now: Crumb, then: Crumb | undefined): string[] {
  if (then === undefined) return [`science layer ${now.name} is new`];
  if (now.tag === then.tag) return [];
  const isExternal = baseScience(now) === undefined;
  const base = isExternal && baseDigest(now) !== baseDigest(then) ? [`the base of ${now.name}`] : [];
  const own = now.inputs === undefined || now.inputs !== then.inputs ? [`science layer ${now.name}`] : [];
  return base.length + own.length === 0 ? [`science layer ${now.name} built again`] : [...own, ...base];
}

function changedInterface(now: Crumb | undefined, then: Crumb | undefined): string[] {
  if (now === undefined || then === undefined || now.tag === then.tag) return [];
  if (now.inputs !== undefined && now.inputs === then.inputs) return ["interface built again"];
  return [`interface ${now.layers?.at(-1) ?? ""}`.trimEnd()];
}
