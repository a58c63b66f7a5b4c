import { didYouMean } from "../diagnostics/suggest.ts";
import type { Findings } from "./findings.ts";
import { readHeredocMark } from "./heredocs.ts";
import { type KeywordRules, keywords } from "./keywords.ts";
import type { Flag, Instruction } from "./model.ts";
import { sourcesOf } from "./sources.ts";
import { isSpace } from "./spaces.ts";

/** What BuildKit refuses in one instruction, whatever stands around it. */
export function checkInstruction(instruction: Instruction, findings: Findings): void {
  const rules = keywords.get(instruction.keyword);
  if (rules === undefined) return unknownInstruction(instruction, findings);
  checkFlags(instruction, rules, findings);
  checkCount(instruction, rules, findings);
  const destination = instruction.words.at(-1);
  if (instruction.heredocs.length > 0 && destination !== undefined && readHeredocMark(destination.text) !== undefined) {
    findings.error("heredoc-destination", `${instruction.keyword} cannot write to a heredoc`, destination.range);
  }
  if (instruction.keyword === "SHELL") checkShell(instruction, findings);
  if (instruction.keyword === "HEALTHCHECK") checkHealthcheck(instruction, findings);
  if (instruction.keyword === "ONBUILD") checkTrigger(instruction, findings);
  for (const source of sourcesOf(instruction)) {
    if (!source.written.includes("$")) continue;
    const help = "define a stage FROM that image, where ARG of the beginning counts, and name the stage here";
    findings.warning("variable-in-from", "BuildKit expands no variables here", source.range, help);
  }
  for (const pair of instruction.pairs) {
    if (pair.key === "") findings.error("blank-name", `${instruction.keyword} has a blank name`, pair.range);
  }
}

function unknownInstruction({ keyword, range }: Instruction, findings: Findings): void {
  const shown = keyword.length > 40 ? `${keyword.slice(0, 40)}…` : keyword;
  const place = { start: range.start, end: Math.min(range.end, range.start + keyword.length) };
  const message = `unknown instruction "${shown}"${didYouMean(keyword, keywords.keys())}`;
  findings.error("unknown-instruction", message, place, foreignSpaceHelp(keyword));
}

/** A no-break space that came with a text from a web page looks like a blank and is none. */
function foreignSpaceHelp(keyword: string): string | undefined {
  const space = Array.from(keyword.slice(0, 40)).find(isSpace);
  if (space === undefined) return undefined;
  const code = (space.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `put a plain blank in place of the character U+${code}`;
}

function checkFlags({ keyword, flags }: Instruction, rules: KeywordRules, findings: Findings): void {
  const seen = new Set<string>();
  for (const flag of flags) {
    const wrong = flagProblem(flag, keyword, rules, seen);
    if (wrong !== undefined) findings.error("bad-flag", wrong, flag.range);
    seen.add(flag.name);
  }
}

function flagProblem(flag: Flag, keyword: string, rules: KeywordRules, seen: ReadonlySet<string>): string | undefined {
  const { name, value } = flag;
  const isSwitch = rules.switches.includes(name);
  const repeats = rules.repeated.includes(name);
  if (!isSwitch && !repeats && !rules.valued.includes(name)) {
    const known = [...rules.valued, ...rules.switches, ...rules.repeated];
    return `${keyword} has no flag --${name}${didYouMean(name, known)}`;
  }
  if (!repeats && seen.has(name)) return `the flag --${name} is given twice`;
  if (isSwitch) return switchProblem(name, value);
  if (value === undefined) return `the flag --${name} needs a value: --${name}=…`;
  return valueProblem(flag, value);
}

const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ["network", ["default", "none", "host"]],
  ["security", ["sandbox", "insecure"]],
  ["mount", ["bind", "cache", "tmpfs", "secret", "ssh"]],
]);

/** The kind of a mount may come out of a variable. */
function valueProblem({ name, fields }: Flag, value: string): string | undefined {
  if (name === "mount" && fields === undefined) return `"${value}" is not a list of key=value fields`;
  const allowed = choices.get(name);
  const chosen = name === "mount" ? fields?.findLast((each) => each.key === "type")?.value : value;
  if (allowed === undefined || chosen === undefined || allowed.includes(chosen.toLowerCase())) return undefined;
  return name === "mount" && chosen.includes("$") ? undefined : `"${chosen}" is none of ${allowed.join(", ")}`;
}

const switchProblem = (name: string, value: string | undefined): string | undefined =>
  value === undefined || /^(?:true|false)$/i.test(value)
    ? undefined
    : `the flag --${name} is true or false, not "${value}"`;

function checkCount(instruction: Instruction, rules: KeywordRules, findings: Findings): void {
  const { keyword, words, args, range } = instruction;
  if (keyword === "FROM") return checkFromCount(instruction, findings);
  const counted = keyword === "COPY" || keyword === "ADD" || keyword === "VOLUME";
  const given = counted ? words.length : args === "" ? 0 : 1;
  if (given >= rules.least) return;
  const wanted = rules.least === 2 ? "a source and a destination" : rules.most === 1 ? "one argument" : "an argument";
  findings.error("missing-argument", `${keyword} needs ${wanted}`, range);
}

function checkFromCount({ words, range, argsRange }: Instruction, findings: Findings): void {
  if (words.length === 0) return findings.error("from-without-image", "FROM names no image", range);
  const named = words.length === 3 && words[1]?.text.toLowerCase() === "as";
  if (words.length !== 1 && !named) {
    findings.error("bad-from", "FROM takes an image, or an image AS a name", argsRange);
  } else if (named && !/^[a-z][a-z0-9-_.]*$/.test(words[2]?.text.toLowerCase() ?? "")) {
    const message = `"${words[2]?.text}" cannot name a stage: it starts with a letter and has letters, digits, "-", "_" and "."`;
    findings.error("bad-stage-name", message, words[2]?.range ?? range);
  }
}

function checkShell({ json, args, argsRange }: Instruction, findings: Findings): void {
  if (args !== "" && (json === undefined || json.length === 0)) {
    findings.error("shell-not-json", "SHELL takes a JSON array of strings", argsRange, 'write SHELL ["/bin/sh", "-c"]');
  }
}

function checkHealthcheck({ words, range }: Instruction, findings: Findings): void {
  const [type, ...command] = words;
  if (type === undefined) return;
  const name = type.text.toUpperCase();
  if (name === "NONE" && command.length > 0) {
    findings.error("bad-healthcheck", "HEALTHCHECK NONE takes no arguments", range);
  } else if (name === "CMD" && command.length === 0) {
    findings.error("bad-healthcheck", "HEALTHCHECK CMD needs a command", range);
  } else if (name !== "NONE" && name !== "CMD") {
    findings.error("bad-healthcheck", `HEALTHCHECK is CMD or NONE, not "${type.text}"`, type.range);
  }
}

/** BuildKit keeps the trigger as a text, and looks into it no further until an image is built on this one. */
function checkTrigger({ args, argsRange, inner }: Instruction, findings: Findings): void {
  if (args === "") return;
  const keyword = inner?.keyword ?? "ONBUILD";
  if (["ONBUILD", "FROM", "MAINTAINER"].includes(keyword)) {
    findings.error("bad-trigger", `${keyword} cannot stand behind ONBUILD`, argsRange);
  }
}
