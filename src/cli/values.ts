import type { Environment } from "../engines/processes.ts";
import { environmentName, type OptionSpec } from "./option.ts";
import { usageError } from "./usage.ts";

/** The options of a call: what the line says, or else the environment (B5). Asking by the wrong kind or name is a bug. */
export interface Values {
  /** Undefined where neither says anything. */
  flag(name: string): boolean | undefined;
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  /** Empty where nothing was said. */
  list(name: string): readonly string[];
  count(name: string): number;
  /** Whether the command has an option of this name at all. */
  has(name: string): boolean;
}

type Value = string | boolean | number | readonly string[] | undefined;

/** Checks everything at once, so that a wrong value is reported before anything happens. */
export function readValues(
  options: readonly OptionSpec[],
  line: Readonly<Record<string, unknown>>,
  environment: Environment,
): Values {
  const values = new Map(
    options.map((option) => [option.name, { kind: option.kind, value: read(option, line, environment) }]),
  );
  const get = (name: string, kind: OptionSpec["kind"]): Value => {
    const found = values.get(name);
    if (found?.kind !== kind) throw new TypeError(`no ${kind} option "${name}"`);
    return found.value;
  };
  return {
    has: (name) => values.has(name),
    flag: (name) => get(name, "flag") as boolean | undefined,
    text: (name) => get(name, "text") as string | undefined,
    number: (name) => get(name, "number") as number | undefined,
    list: (name) => (get(name, "list") as readonly string[] | undefined) ?? [],
    count: (name) => (get(name, "count") as number | undefined) ?? 0,
  };
}

function read(option: OptionSpec, line: Readonly<Record<string, unknown>>, environment: Environment): Value {
  const said = line[option.name];
  if (said !== undefined) return check(option, said as Value, `--${option.name}`);
  const name = environmentName(option);
  const text = option.lineOnly ? undefined : environment[name];
  return text === undefined || text === "" ? undefined : check(option, fromText(option, text, name), name);
}

function fromText(option: OptionSpec, text: string, name: string): Value {
  if (option.kind === "list") return text.split(/[\s,]+/).filter((each) => each !== "");
  if (option.kind === "flag") return truth(text, name);
  return option.kind === "count" ? Number(/^\d$/.test(text) ? text : truth(text, name)) : text;
}

function truth(text: string, name: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off)$/i.test(text)) return false;
  throw usageError(`${name} is "${text}", which is neither true nor false`, `write ${name}=1 or ${name}=0`);
}

function check(option: OptionSpec, value: Value, name: string): Value {
  if (option.kind === "number") return positive(String(value), name);
  for (const text of [value].flat()) {
    if (text === "") throw usageError(`${name} has an empty value`, `write ${name} ${option.value ?? "VALUE"}`);
    if (option.choices && typeof text === "string" && !option.choices.includes(text)) {
      throw usageError(
        `${name} is "${text}", which is not one of its forms`,
        `write one of: ${option.choices.join(", ")}`,
      );
    }
  }
  return value;
}

function positive(text: string, name: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError(`${name} is "${text}", which is not a number from 1 on`, `write ${name} 4, for example`);
}
