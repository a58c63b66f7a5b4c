import { describe, expect, it } from "vitest";
import { readLine, type Said } from "../../src/cli/line.ts";
import { commandNamed } from "../../src/cli/parser.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { commands } from "./command-line.ts";

/** The command, then each option by its name with its value, then the arguments. */
function arranged(line: string): string {
  const { word, said, arguments: rest } = readLine(line.split(" ").filter(Boolean), commands);
  const command = word === undefined ? "(none)" : commandNamed(word, commands).name;
  return [command, ...said.map(written), ...rest].join(" ");
}

function written({ spelling, option, value }: Said): string {
  const name = option === undefined || spelling.startsWith("--no-") ? spelling : `--${option.name}`;
  return value === undefined ? name : `${name}=${value}`;
}

describe("arranging a command line", () => {
  it.each([
    ["", "(none)"],
    ["-v --dryrun", "(none) --verbose --dryrun"],
    ["plan", "plan"],
    ["--root plan why x", "why --root=plan x"],
    ["-v plan --since A..B", "plan --verbose --since=A..B"],
    ["--dry-run", "(none) --dryrun"],
    ["-n", "(none) --dryrun"],
    ["--ref main", "(none) --since=main"],
    ["--ref=main", "(none) --since=main"],
    ["--no-meaningful --meaningful", "(none) --no-meaningful --meaningful"],
    ["plan -- --not-an-option", "plan --not-an-option"],
    ["-vn plan", "plan --verbose --dryrun"],
    ["--jobs -5", "(none) --jobs=-5"],
  ])("makes of %j the line %j", (line, expected) => {
    expect(arranged(line)).toBe(expected);
  });

  it("lets a list take several directories and repeat", () => {
    expect(arranged("--include science/a science/b compat/c --include d plan")).toBe(
      "plan --include=science/a --include=science/b --include=compat/c --include=d",
    );
  });

  it("lets a list eat neither the command nor an argument", () => {
    expect(arranged("--include science/a plan")).toBe("plan --include=science/a");
    expect(arranged("why --include science/a science/b")).toBe("why --include=science/a science/b");
    expect(arranged("--include science/a science/c why science/b")).toBe(
      "why --include=science/a --include=science/c science/b",
    );
  });

  it("refuses a first word that is not a command, and says which is near", () => {
    expect(() => arranged("biuld --unknown")).toThrow(RefusedError);
    expect(() => arranged("biuld")).toThrow('there is no command "biuld"; did you mean "build"?');
    expect(() => arranged("--include science/a nist-basic")).toThrow('there is no command "nist-basic"');
  });
});
