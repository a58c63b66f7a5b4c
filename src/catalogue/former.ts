import { type JsonDocument, readJson } from "./json.ts";
import { mergeVariant } from "./variants.ts";

/** A science definition of the past, or of now, as far as it can be read. Nothing is checked. */
export interface FormerDefinition {
  readonly directory: string;
  readonly image: string;
  readonly version: string;
  readonly target: string;
  /** Empty where there is none. */
  readonly compat: string;
}

/** Each image-version that a definition had. `list`: the text of the file of variants beside it; undefined where there was none. */
export function formerDefinitions(
  directory: string,
  text: string,
  list: (name: string) => string | undefined,
): FormerDefinition[] {
  const { common, entries } = formerTexts(text, list) ?? { common: {}, entries: undefined };
  const all = entries === undefined ? [common] : [...entries].map(([version, { value }]) => ({ ...value, version }));
  return all.flatMap((each) => definitionOf(directory, each));
}

function definitionOf(directory: string, value: Record<string, unknown>): FormerDefinition[] {
  const { image, target = directory.split("/").at(-1), version, compat = "" } = value;
  if (typeof image !== "string" || typeof target !== "string" || typeof version !== "string") return [];
  return [{ directory, image, target, version, compat: typeof compat === "string" ? compat : "" }];
}

interface FormerTexts {
  /** The keys of all, numbers as version spelled out. */
  readonly common: Record<string, unknown>;
  /** The text of the definition without its list of variants. */
  readonly rest: string;
  /** By version: the text of each variant's entry, and all that it has. Undefined where the definition has no `variants`. */
  readonly entries?: ReadonlyMap<string, { readonly text: string; readonly value: Record<string, unknown> }>;
}

/** Undefined for a definition that cannot be read. `list` as of `formerDefinitions`. */
export function formerTexts(text: string, list: (name: string) => string | undefined): FormerTexts | undefined {
  const document = readJson({ path: "", text });
  const common = withSpelling(document.value, document, "");
  if (common === undefined) return undefined;
  const { variants } = common;
  if (variants === undefined) return { common, rest: text };
  const range = document.places["variants"] ?? { start: 0, end: 0 };
  const rest = text.slice(0, range.start) + text.slice(range.end);
  const file = typeof variants === "string" ? list(variants) : undefined;
  const source = typeof variants === "string" ? readJson({ path: "", text: file ?? "" }) : document;
  return { common, rest, entries: entriesOf(common, source) };
}

function entriesOf(common: Record<string, unknown>, source: JsonDocument): NonNullable<FormerTexts["entries"]> {
  const isList = Array.isArray(source.value);
  const listed = isList ? source.value : (source.value as Record<string, unknown> | undefined)?.["variants"];
  return new Map(
    (Array.isArray(listed) ? (listed as unknown[]) : []).flatMap((each, at) => {
      const path = `${isList ? "" : "variants."}${at}`;
      const entry = withSpelling(each, source, path);
      const { start = 0, end = 0 } = source.places[path] ?? {};
      if (entry === undefined || typeof entry["version"] !== "string") return [];
      return [[entry["version"], { text: source.text.slice(start, end), value: mergeVariant(common, entry) }] as const];
    }),
  );
}

/** An object whose version is a text, as it is spelled; undefined for what is no object. */
function withSpelling(value: unknown, { spellings }: JsonDocument, path: string): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const spelling = spellings[path === "" ? "version" : `${path}.version`];
  return spelling === undefined ? { ...value } : { ...value, version: spelling };
}
