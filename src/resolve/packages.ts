import { factOf } from "../contents/facts.ts";
import type { ImageFacts } from "../contents/model.ts";
import type { FoundPlace, NameDifference } from "./model.ts";

/** Packages of distributions that have another version or state, or are gone; by name. What is new is no difference. */
export function comparePackages(science: ImageFacts, composed: ImageFacts): NameDifference[] {
  const [before, after] = [packagesOf(science), packagesOf(composed)];
  return [...before]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, old]): NameDifference[] => {
      const now = after.get(key);
      const { kind, name, place } = old;
      if (!now) return [{ kind, name, outcome: "removed", before: place }];
      return now.text === old.text ? [] : [{ kind, name, outcome: "changed", before: place, after: now.place }];
    });
}

interface InstalledPackage {
  readonly kind: "deb" | "rpm" | "apk";
  readonly name: string;
  readonly place: FoundPlace;
  /** Version and state. */
  readonly text: string;
}

/** Several versions of one name, as RPM keeps kernels, count as one. */
function packagesOf(facts: ImageFacts): Map<string, InstalledPackage> {
  const packages = new Map<string, InstalledPackage>();
  for (const path of facts.history.keys()) {
    const entry = facts.index.get(path);
    const fact = entry && factOf(facts, entry);
    if (!entry || fact?.kind !== "packages") continue;
    const { ecosystem: kind } = fact;
    if (kind !== "deb" && kind !== "rpm" && kind !== "apk") continue;
    for (const { name, version, architecture = "", state = "" } of fact.packages) {
      const key = `${kind} ${name} ${architecture}`;
      const text = [packages.get(key)?.text ?? [], version, state].flat().join(" ");
      packages.set(key, { kind, name, text, place: { path: `/${path}`, version, layer: entry.layer } });
    }
  }
  return packages;
}
