import { describe, expect, it } from "vitest";
import type { ParsedCall } from "../../src/cli/command.ts";
import { helpOf } from "../../src/cli/help.ts";
import { readLine } from "../../src/cli/line.ts";
import { commandNamed, parseCall } from "../../src/cli/parser.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { build, commands, recordedWorld } from "./command-line.ts";

function parse(line: string, environment: Record<string, string> = {}): ParsedCall {
  const read = readLine(line.split(" ").filter(Boolean), commands);
  return parseCall(commandNamed(read.word ?? "build", commands), read, recordedWorld({ environment }));
}

function refusal(line: string, environment?: Record<string, string>): { message: string; help: string | undefined } {
  try {
    parse(line, environment);
  } catch (error) {
    if (error instanceof RefusedError) return { message: error.message, help: error.diagnostics[0]?.help };
    throw error;
  }
  throw new Error("not refused");
}

describe("reading options", () => {
  it("counts -v wherever it stands", () => {
    expect(parse("-v build -vv --verbose").values.count("verbose")).toBe(4);
    expect(parse("").values.count("verbose")).toBe(0);
  });

  it("knows flags, numbers, lists and texts", () => {
    const { values } = parse("--push --jobs 4 --include science/a --include compat/b --since main");
    expect(values.flag("push")).toBe(true);
    expect(values.flag("dryrun")).toBeUndefined();
    expect(values.number("jobs")).toBe(4);
    expect(values.list("include")).toEqual(["science/a", "compat/b"]);
    expect(values.list("ignore")).toEqual([]);
    expect(values.text("since")).toBe("main");
  });

  it("tells no-cache and a flag that is taken back from silence", () => {
    expect(parse("--no-cache").values.flag("no-cache")).toBe(true);
    expect(parse("").values.flag("no-cache")).toBeUndefined();
    expect(parse("--meaningful").values.flag("meaningful")).toBe(true);
    expect(parse("--no-meaningful").values.flag("meaningful")).toBe(false);
    expect(parse("").values.flag("meaningful")).toBeUndefined();
  });

  it("keeps arguments, behind -- too", () => {
    expect(parse("why nist-basic:1.0").arguments).toEqual(["nist-basic:1.0"]);
    expect(parse("why -- -odd").arguments).toEqual(["-odd"]);
  });
});

describe("the environment", () => {
  const environment = {
    IMAGE_BUILDER_JOBS: "3",
    IMAGE_BUILDER_PUSH: "0",
    IMAGE_BUILDER_NO_CACHE: "true",
    IMAGE_BUILDER_INCLUDE: "science/a, science/b",
    IMAGE_BUILDER_VERBOSE: "2",
    IMAGE_BUILDER_REPO: "",
  };

  it("stands in for every kind of option, and an empty variable for none", () => {
    const { values } = parse("", environment);
    expect(values.number("jobs")).toBe(3);
    expect(values.flag("push")).toBe(false);
    expect(values.flag("no-cache")).toBe(true);
    expect(values.list("include")).toEqual(["science/a", "science/b"]);
    expect(values.count("verbose")).toBe(2);
    expect(values.text("repo")).toBeUndefined();
  });

  it("is beaten by the line", () => {
    const { values } = parse("--jobs 5 --push --include science/c", environment);
    expect(values.number("jobs")).toBe(5);
    expect(values.flag("push")).toBe(true);
    expect(values.list("include")).toEqual(["science/c"]);
  });

  it("is checked like the line, and the message names the variable", () => {
    expect(refusal("", { IMAGE_BUILDER_JOBS: "many" }).message).toContain("IMAGE_BUILDER_JOBS");
    expect(refusal("", { IMAGE_BUILDER_PUSH: "perhaps" }).message).toContain("IMAGE_BUILDER_PUSH");
  });
});

describe("a line that is wrong", () => {
  it.each([
    ["--pusj", 'unknown option "--pusj"', "write --push"],
    ["--jobs 0", "--jobs is", "write --jobs 4"],
    ["--jobs", "argument missing", "--help"],
    ["--since --push", "argument missing", "--help"],
    ["--push=1", 'option "--push" takes no value', "write --push"],
    ["--format yaml", '--format is "yaml"', "text, json"],
    ["--since=", "--since has an empty value", "write --since"],
    ["build nist-basic", "takes no argument", "--include science/nist-basic"],
    ["build science/nist-basic", "takes no argument", "--include science/nist-basic"],
    ["why", "needs IMAGE", "--help"],
    ["why a b", "one argument too many", "--help"],
    ["plan --push", 'unknown option "--push"', "--help"],
  ])("%j is refused with a next step", (line, message, help) => {
    expect(refusal(line).message).toContain(message);
    expect(refusal(line).help).toContain(help);
  });
});

describe("the help of a command", () => {
  it("shows its own options, the common ones, the variables and an example", () => {
    const text = helpOf(build, 100);
    expect(text).toMatch(/Usage: image-builder build \[options\]\n/);
    expect(text).toMatch(/Options of build:\n +-n, --dryrun /);
    expect(text).toMatch(/Options of every command:\n +--root <DIR>/);
    expect(text).toContain("Examples:\n  image-builder build  an example\n");
    expect(text).toContain("IMAGE_BUILDER_FORMAT=json");
    expect(text).not.toContain("--no-no");
  });
});
