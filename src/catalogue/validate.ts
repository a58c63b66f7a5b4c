import type { z } from "zod";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { locate } from "../diagnostics/text.ts";
import { type JsonDocument, readJson, readPlainJson } from "./json.ts";
import type { SourceText } from "./model.ts";
import { variantDefinition } from "./schema.ts";
import { testTable } from "./test-schema.ts";

interface Validated<T> {
  /** Undefined when the document is not of the schema. */
  readonly value?: T;
  /** Where there is no value: what it would be without the wrong keys, so that what else is wrong can be found. */
  readonly salvaged?: T;
  /** Keys that `salvaged` has no value of. */
  readonly lacks?: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

type Schema<T> = z.ZodType<T> & { shape: Record<string, unknown> };

/** Reads a definition and holds it against its schema; every finding has the place of the value or key it is about. */
export function readDefinition<T>(source: SourceText, schema: Schema<T>): Validated<T> {
  const plain = readPlainJson(source.text);
  const quick = plain === undefined ? undefined : schema.safeParse(plain);
  return quick?.success === true ? { value: quick.data, diagnostics: [] } : readWithPlaces(source, schema);
}

/** The slow way, for a definition about which there is something to say. */
const readWithPlaces = <T>(source: SourceText, schema: Schema<T>): Validated<T> =>
  validate(source, readJson(source), schema);

/** Holds a document that has been read against its schema. */
export function validate<T>(source: SourceText, document: JsonDocument, schema: Schema<T>): Validated<T> {
  if (document.diagnostics.length > 0) return { diagnostics: document.diagnostics };
  const { value, warnings } = spellVersions(source, document);
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, diagnostics: warnings };
  const known = Object.keys(schema.shape);
  const found = parsed.error.issues.flatMap((issue) => describe(source, document, issue, known));
  return { ...salvage(value, parsed.error.issues, schema), diagnostics: [...warnings, ...found] };
}

/** A text that stands for a key which is required, and is missing or wrong. */
const placeholder = "unknown";

function salvage<T>(
  value: unknown,
  issues: readonly Issue[],
  schema: Schema<T>,
): Pick<Validated<T>, "salvaged" | "lacks"> {
  const lacks = new Set(issues.flatMap(({ path }) => (path[0] === undefined ? [] : [String(path[0])])));
  if (typeof value !== "object" || value === null) return {};
  const kept = Object.entries(value).filter(([key]) => key in schema.shape && !lacks.has(key));
  const required = schema.safeParse({}).error?.issues.map(({ path }) => String(path[0])) ?? [];
  const filled = required.filter((key) => lacks.has(key)).map((key) => [key, placeholder] as const);
  const parsed = schema.safeParse(Object.fromEntries([...kept, ...filled]));
  return parsed.success ? { salvaged: parsed.data, lacks } : {};
}

/** A bare number is accepted as a version in its source spelling, so that 2.10 stays 2.10 (B3). */
function spellVersions(source: SourceText, document: JsonDocument): { value: unknown; warnings: Diagnostic[] } {
  const paths = Object.keys(document.spellings).filter((path) => /^(variants\.\d+\.)?version$/.test(path));
  const value = paths.reduce(
    (all, path) => withText(all, path.split("."), document.spellings[path] ?? ""),
    document.value,
  );
  return { value, warnings: paths.map((path) => numberVersion(source, document, path)) };
}

function numberVersion(source: SourceText, document: JsonDocument, path: string): Diagnostic {
  const spelling = document.spellings[path] ?? "";
  const message = `"${path}" is a number, a text was expected; it is read as ${JSON.stringify(spelling)}`;
  return warning("version-number", message, {
    ...placed(source, document, path),
    help: `write "version": "${spelling}"`,
  });
}

/** A copy of a value with another text at a path. */
function withText(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === key ? withText(each, rest, text) : each));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: withText(object[key], rest, text) };
}

type Issue = z.core.$ZodIssue;

function describe(source: SourceText, document: JsonDocument, issue: Issue, known: string[]): Diagnostic[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey(source, document, path, key, known));
  if (issue.code === "invalid_key")
    return [
      error("wrong-key", `the key ${named(path)} is not allowed; ${issue.issues[0]?.message ?? ""}`, {
        ...locate(source.path, source.text, document.keys[path] ?? { start: 0, end: 1 }),
        ...(isOfTest(path) && { help: testForm }),
      }),
    ];
  if (issue.code === "invalid_union" && valueAt(document.value, issue.path) === undefined)
    return [missingKey(source, document, path)];
  const branch = issue.code === "invalid_union" ? nearestBranch(issue) : undefined;
  if (branch)
    return branch.flatMap((each) =>
      describe(source, document, { ...each, path: [...issue.path, ...each.path] }, known),
    );
  if (issue.code === "invalid_union")
    return [
      error("wrong-value", `${named(path)} has a form that is not expected here`, placed(source, document, path)),
    ];
  if (valueAt(document.value, issue.path) === undefined) return [missingKey(source, document, path)];
  if (issue.code === "invalid_type") {
    const message = `${named(path)} is ${kindOf(valueAt(document.value, issue.path))}, ${wanted(issue.expected)} was expected`;
    return [error("wrong-type", message, placed(source, document, path))];
  }
  const message = `${named(path)} is ${shown(valueAt(document.value, issue.path))}; ${issue.message}`;
  return [error("wrong-value", message, placed(source, document, path))];
}

/** What is wrong with the form that was meant: the one whose kind of value it is. Undefined when it is of none. */
const nearestBranch = (issue: Extract<Issue, { code: "invalid_union" }>): readonly Issue[] | undefined =>
  issue.errors.find((issues) => issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0));

function unknownKey(
  source: SourceText,
  document: JsonDocument,
  parent: string,
  key: string,
  known: string[],
): Diagnostic {
  const path = parent === "" ? key : `${parent}.${key}`;
  const range = document.keys[path] ?? { start: 0, end: 1 };
  const here = parent === "" ? known : keysBelow(parent);
  const message = `the key "${key}" is not known${here === undefined ? "" : didYouMean(key, here)}`;
  const help = here === undefined ? "docs/catalogue.md lists every key" : `known keys: ${here.join(", ")}`;
  return error("unknown-key", message, { ...locate(source.path, source.text, range), help });
}

/** Of an entry of `variants` or `test`; undefined for any other object. */
function keysBelow(path: string): string[] | undefined {
  if (/^variants\.\d+$/.test(path)) return Object.keys(variantDefinition.shape);
  return /^(variants\.\d+\.)?test\.\d+$/.test(path) ? Object.keys(testTable.shape) : undefined;
}

export function missingKey(source: SourceText, document: JsonDocument, path: string): Diagnostic {
  const range = document.places[path.split(".").slice(0, -1).join(".")] ?? { start: 0, end: 1 };
  const at = locate(source.path, source.text, { start: range.start, end: range.start + 1 });
  return error("missing-key", `the key ${named(path)} is missing`, {
    ...at,
    help: `add ${named(path)}; docs/catalogue.md has an example`,
  });
}

function placed(source: SourceText, document: JsonDocument, path: string) {
  const range = document.places[path] ?? document.places[""] ?? { start: 0, end: 1 };
  return { ...locate(source.path, source.text, range), ...(isOfTest(path) && { help: testForm }) };
}

const isOfTest = (path: string): boolean => /^(variants\.\d+\.)?test(\.|$)/.test(path);

const testForm =
  'a list of shell commands and of tables: [ "pytest --version", { "run": "pytest /tests", "files": { "tests": "/tests" }, "timeout": "5m" } ]';

const named = (path: string): string => (path === "" ? "the definition" : `"${path}"`);

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`.replace("a string", "a text");

const wanted = (expected: string): string =>
  ({
    string: "a text",
    array: "a list",
    object: "an object",
    record: "an object",
    number: "a number",
    boolean: "true or false",
  })[expected] ?? expected;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
