import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { locate } from "../diagnostics/text.ts";
import { readJson } from "./json.ts";
import type { CompatLayer, ScienceLayer, SourceText } from "./model.ts";

/** Unknown compat layers, unknown includes, include cycles (B7). `known` has the names of broken layers too. */
export function checkCompat(
  science: readonly ScienceLayer[],
  compat: readonly CompatLayer[],
  known: ReadonlySet<string>,
): Diagnostic[] {
  const unknownCompat = science
    .filter(({ compat: name }) => name !== undefined && !known.has(name))
    .map((layer) => unknown(layer, "compat", layer.compat ?? "", known, "unknown-compat"));
  const unknownIncludes = compat.flatMap((layer) =>
    layer.includes.flatMap((name, at) =>
      known.has(name) ? [] : [unknown(layer, `includes.${at}`, name, known, "unknown-include")],
    ),
  );
  return [...unknownCompat, ...unknownIncludes, ...includeCycles(compat)];
}

function unknown(
  layer: ScienceLayer | CompatLayer,
  key: string,
  name: string,
  known: ReadonlySet<string>,
  code: string,
): Diagnostic {
  const message = `there is no compat layer "${name}"${didYouMean(name, known)}`;
  const help =
    known.size === 0
      ? `add compat/${name}/`
      : `compat layers of this catalogue: ${[...known].sort().slice(0, 20).join(", ")}`;
  return error(code, message, { ...locateKey(layer, key), help });
}

/** Where the value of a key stands; the whole definition where it is not given. Reads the definition again: only problems ask. */
export function locateKey(layer: ScienceLayer | CompatLayer, key: string) {
  return (layer.kind === "science" && locateOwn(layer, key)) || locateIn(layer.definition, key);
}

/** Where a variant says it for itself. */
function locateOwn({ variant }: ScienceLayer, key: string) {
  if (variant === undefined) return undefined;
  const { places } = readJson(variant.source);
  const own = places[`${variant.path}.${key}`];
  return own && locate(variant.source.path, variant.source.text, own);
}

function locateIn(definition: SourceText, key: string) {
  const { places } = readJson(definition);
  return locate(definition.path, definition.text, places[key] ?? places[""] ?? { start: 0, end: 1 });
}

/** Each cycle once, told from its first layer by name. A diamond is none. */
function includeCycles(compat: readonly CompatLayer[]): Diagnostic[] {
  const byName = new Map(compat.map((each) => [each.name, each]));
  const done = new Set<string>();
  const found: Diagnostic[] = [];
  const visit = (layer: CompatLayer, path: readonly string[]): void => {
    const start = path.indexOf(layer.name);
    if (start !== -1) found.push(cycle([...path.slice(start), layer.name], byName));
    if (start !== -1 || done.has(layer.name)) return;
    for (const name of layer.includes) {
      const next = byName.get(name);
      if (next) visit(next, [...path, layer.name]);
    }
    done.add(layer.name);
  };
  for (const layer of compat) visit(layer, []);
  return found;
}

function cycle(path: readonly string[], byName: ReadonlyMap<string, CompatLayer>): Diagnostic {
  const [last = "", first = ""] = [path.at(-2), path.at(-1)];
  const layer = byName.get(last);
  const message = `compat layers include each other in a circle: ${path.join(" → ")}`;
  const at = layer ? locateKey(layer, `includes.${layer.includes.indexOf(first)}`) : {};
  return error("include-cycle", message, {
    ...at,
    help: `remove "${first}" from the includes of "${last}", or one of the others`,
  });
}

/** A compat layer and all that it includes, lowest first, each at its first place (B24). Unknown names are left out. */
export function compatStack(compat: ReadonlyMap<string, CompatLayer>, name: string): CompatLayer[] {
  const stack = new Map<string, CompatLayer>();
  const open = new Set<string>();
  const visit = (each: string): void => {
    const layer = compat.get(each);
    if (layer === undefined || stack.has(each) || open.has(each)) return;
    open.add(each);
    layer.includes.forEach(visit);
    stack.set(each, layer);
  };
  visit(name);
  return [...stack.values()];
}
