import type { Instruction } from "../../../dockerfile/index.ts";
import type { Healthcheck } from "../../../oci/config.ts";
import { AssembleError } from "./assemble-error.ts";

export function healthcheckOf(instruction: Instruction): Healthcheck {
  const [type = "", ...rest] = instruction.words.map((word) => word.text);
  if (type.toUpperCase() === "NONE") return { Test: ["NONE"] };
  return {
    Test: instruction.json ? ["CMD", ...instruction.json] : ["CMD-SHELL", rest.join(" ")],
    ...duration(instruction, "interval", "Interval"),
    ...duration(instruction, "timeout", "Timeout"),
    ...duration(instruction, "start-period", "StartPeriod"),
    ...duration(instruction, "start-interval", "StartInterval"),
    ...retries(flagOf(instruction, "retries")),
  };
}

const flagOf = ({ flags }: Instruction, name: string): string | undefined =>
  flags.find((flag) => flag.name === name)?.value;

function duration(instruction: Instruction, flag: string, key: keyof Healthcheck): Healthcheck {
  const text = flagOf(instruction, flag);
  const nanoseconds = text ? parseDuration(text) : 0;
  if (nanoseconds !== 0 && nanoseconds < 1_000_000) throw new AssembleError(`--${flag}=${text} is less than 1ms`);
  return nanoseconds === 0 ? {} : { [key]: nanoseconds };
}

function retries(text: string | undefined): Healthcheck {
  if (!text) return {};
  if (!/^\+?\d{1,9}$/.test(text)) throw new AssembleError(`--retries=${text} is not a number of 0 or more`);
  return Number(text) === 0 ? {} : { Retries: Number(text) };
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** Nanoseconds of a duration as Go writes it: `1m30s`, `1.5h`. */
export function parseDuration(text: string): number {
  const unsigned = text.replace(/^\+/, "");
  const parts = [...unsigned.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (unsigned !== "0" && (parts.length === 0 || parts.map(([whole]) => whole).join("") !== unsigned)) {
    throw new AssembleError(`"${text}" is not a duration; write 30s or 1m30s`);
  }
  const sum = parts.reduce((all, [, amount, unit]) => all + Math.round(Number(amount) * (units[unit ?? ""] ?? 0)), 0);
  if (sum >= 2 ** 63) throw new AssembleError(`"${text}" is longer than a duration can be`);
  return sum;
}
