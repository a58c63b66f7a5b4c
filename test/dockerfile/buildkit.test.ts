import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createMatcher, expandWord, parseDockerfile, parseIgnoreFile } from "../../src/dockerfile/index.ts";
import { scratchConfig } from "./scratch-config.ts";

/**
 * What BuildKit (Docker 28.5.2) made of texts written to set traps, and of random ones: recorded once from real builds on
 * scratch, so that these tests need no engine.
 */
const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8"));

interface RecordedDockerfile {
  text: string;
  args?: Record<string, string>;
  config?: Record<string, unknown>;
  refused?: string;
}

describe("a Dockerfile", () => {
  const cases = recorded("dockerfiles") as RecordedDockerfile[];
  // BuildKit refuses variables in --from, buildah expands them: a warning here.
  const isLenient = ({ text }: RecordedDockerfile): boolean => /from=\$/.test(text);

  it.each(cases.filter((each) => each.config !== undefined))(
    "becomes the image that BuildKit makes: $text",
    ({ text, args, config }) => {
      expect(parseDockerfile(text).problems.filter((each) => each.severity === "error")).toEqual([]);
      expect(essence(scratchConfig(text, args ?? {}) ?? {})).toEqual(essence(config ?? {}));
    },
  );

  it.each(cases.filter((each) => each.refused !== undefined && !isLenient(each)))(
    "is refused as by BuildKit: $text",
    ({ text, args }) => {
      expect(scratchConfig(text, args ?? {})).toBeUndefined();
    },
  );

  it.each(cases.filter(isLenient))("is doubted where BuildKit refuses and others do not: $text", ({ text }) => {
    expect(parseDockerfile(text).problems).toMatchObject([{ severity: "warning", code: "variable-in-from" }]);
  });
});

/** Of the health check only the command is read here; an empty list says as much as none. */
function essence(config: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(config).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === "Healthcheck" ? { Test: (value as { Test: unknown }).Test } : value]),
  );
}

describe("a word", () => {
  const { environment, cases } = recorded("words") as {
    environment: Record<string, string>;
    cases: [string, string | null][];
  };

  it.each(cases)("is expanded as BuildKit does: %s", (word, value) => {
    const expanded = expandWord(word, new Map(Object.entries(environment)));
    expect(expanded.problem === undefined ? expanded.value : null).toBe(value);
  });
});

describe("an ignore file", () => {
  interface RecordedIgnoreFile {
    ignore: string;
    kept?: string;
    refused?: boolean;
  }
  const { paths, cases } = recorded("ignore-files") as { paths: string[]; cases: RecordedIgnoreFile[] };

  it.each(cases.filter((each) => each.kept !== undefined))("keeps what BuildKit keeps: $ignore", ({ ignore, kept }) => {
    const file = parseIgnoreFile(ignore);
    expect(file.problems).toEqual([]);
    const walked = walk(paths, file.patterns);
    expect(paths.map((path) => (walked.has(path) ? "1" : "0")).join("")).toBe(kept);
  });

  it.each(cases.filter((each) => each.refused))("is refused as by BuildKit: $ignore", ({ ignore }) => {
    expect(parseIgnoreFile(ignore).problems).toMatchObject([{ code: "bad-ignore-pattern" }]);
  });
});

/** What a walk from the top finds, entering only what must be entered; folders are kept with what is in them. */
function walk(paths: readonly string[], patterns: readonly string[]): Set<string> {
  const matcher = createMatcher(patterns);
  const kept = new Set<string>();
  const enter = (folder: string, state?: readonly boolean[]): void => {
    const inside = paths.filter((path) => path.startsWith(folder) && !path.slice(folder.length).includes("/"));
    for (const path of inside) {
      const verdict = matcher.look(path, state);
      expect(matcher.matches(path)).toBe(verdict.ignored);
      if (!verdict.ignored) for (const each of withFolders(path)) kept.add(each);
      if (!verdict.prune) enter(`${path}/`, verdict.state);
    }
  };
  enter("");
  return kept;
}

const withFolders = (path: string): string[] =>
  path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
