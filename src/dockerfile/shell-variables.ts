import { readPattern, replacePattern, trimPrefix, trimSuffix } from "./glob.ts";
import { LexError, type Lexer, lookUp, peek, readName, take } from "./shell-lexer.ts";

/** Reads up to `stop`, with everything in it expanded. */
type ReadUntil = (lexer: Lexer, stop: string) => { readonly value: string };

const deepest = 100;
const mostWork = 20_000_000;
/** Steps of matching a pattern that cost as much as a character. */
const stepsOfCharacter = 16;

/** The value of what begins with the `$` that stands at the lexer's place. */
export function readDollar(lexer: Lexer, readUntil: ReadUntil): string {
  lexer.at += 1;
  if (peek(lexer) === "{") return readBraced(lexer, readUntil);
  const name = readName(lexer);
  if (name === "") return "$";
  return lookUp(lexer, name) ?? (lexer.keepUnset ? `$${name}` : "");
}

function readBraced(lexer: Lexer, readUntil: ReadUntil): string {
  lexer.at += 1;
  const first = peek(lexer);
  if (first === undefined) throw new LexError("a closing } is missing");
  if (first === "{" || first === "}" || first === ":") throw new LexError("bad substitution: a name is missing in ${}");
  if (lexer.depth >= deepest) throw new LexError(`substitutions are nested more than ${deepest} deep`);
  lexer.depth += 1;
  const value = readModifier(lexer, readName(lexer), readUntil);
  lexer.depth -= 1;
  return value;
}

function readModifier(lexer: Lexer, name: string, readUntil: ReadUntil): string {
  const first = take(lexer);
  if (first === "}") return lookUp(lexer, name) ?? (lexer.keepUnset ? `\${${name}}` : "");
  if (first === "/") return readReplacement(lexer, name, readUntil);
  const operator = first === ":" ? take(lexer) : first;
  const written = first === ":" ? `:${operator ?? ""}` : (operator ?? "");
  if (operator === undefined || !(first === ":" ? "-+?" : "-+?#%").includes(operator)) {
    throw new LexError(written === "" ? "a closing } is missing" : `unsupported modifier (${written}) in substitution`);
  }
  const isOptional = operator === "-" || operator === "+";
  const { missing } = lexer;
  const word = readOperand(lexer, "}", operator === "#" || operator === "%", readUntil);
  const value = lookUp(lexer, name, !isOptional);
  if (value === undefined && lexer.keepUnset) return `\${${name}${written}${word}}`;
  if (operator === "#" || operator === "%") return trim(lexer, value ?? "", operator, word);
  const isLacking = value === undefined || (first === ":" && value === "");
  if (isOptional && isLacking === (operator === "+")) lexer.missing = missing;
  return choose(name, operator, value, first === ":" && value === "", word);
}

/** `missing`: the value is empty where the colon makes that count as unset. */
function choose(name: string, operator: string, value: string | undefined, missing: boolean, word: string): string {
  if (operator === "+") return value === undefined || missing ? "" : word;
  if (value !== undefined && !missing) return value;
  if (operator === "-") return word;
  const reason = value === undefined ? "is not allowed to be unset" : "is not allowed to be empty";
  throw new LexError(`${name}: ${word === "" ? reason : word}`);
}

/** A doubled operator takes the longest match. */
function trim(lexer: Lexer, value: string, operator: string, word: string): string {
  const doubled = word.startsWith(operator);
  const pattern = patternFor(lexer, value, doubled ? word.slice(1) : word);
  return (operator === "#" ? trimPrefix : trimSuffix)(value, pattern, doubled ? "longest" : "shortest");
}

function readReplacement(lexer: Lexer, name: string, readUntil: ReadUntil): string {
  const all = peek(lexer) === "/";
  if (all) lexer.at += 1;
  const pattern = readOperand(lexer, "/", true, readUntil);
  const replacement = readOperand(lexer, "}", true, readUntil);
  const value = lookUp(lexer, name);
  if (value === undefined && lexer.keepUnset) return `\${${name}/${all ? "/" : ""}${pattern}/${replacement}}`;
  return replacePattern(value ?? "", patternFor(lexer, value ?? "", pattern), replacement, all);
}

/** Within patterns escapes are kept: they mean something there. */
function readOperand(lexer: Lexer, stop: string, keepEscapes: boolean, readUntil: ReadUntil): string {
  const before = lexer.keepEscapes;
  lexer.keepEscapes = keepEscapes;
  const { value } = readUntil(lexer, stop);
  lexer.keepEscapes = before;
  lexer.readOperand = true;
  return value;
}

function patternFor(lexer: Lexer, value: string, text: string): ReturnType<typeof readPattern> & object {
  const pattern = readPattern(text);
  if (pattern === undefined) throw new LexError(`invalid pattern (${text}) in substitution`);
  if (pattern.length * value.length > mostWork) throw new LexError("pattern and value are too long to match");
  lexer.produced += (pattern.length * value.length) / stepsOfCharacter;
  return pattern;
}
