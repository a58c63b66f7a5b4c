import { describe, expect, it } from "vitest";
import { leftovers, parseDockerfile, requiredFeatures } from "../../src/dockerfile/index.ts";

const features = (body: string, buildArgs?: Record<string, string>): string[] =>
  requiredFeatures(parseDockerfile(`FROM x\n${body}`), buildArgs).map((each) => each.feature);

describe("required features", () => {
  it.each([
    ["COPY a b\nADD a.tar b\nENV A=${B:-c}\nUSER x\nWORKDIR /x\nHEALTHCHECK NONE", []],
    ["RUN a", ["run"]],
    ["RUN --mount=type=cache,target=/x --network=none a", ["run", "run-mount", "run-network"]],
    ["RUN <<E\nx\nE", ["run", "heredoc"]],
    ["COPY <<E /x\nx\nE", ["heredoc"]],
    ["COPY --link --chmod=1 --exclude=a --exclude=b a b", ["copy-link", "copy-chmod", "copy-exclude", "copy-exclude"]],
    ["COPY --link=false a b", []],
    ["COPY --parents a b", ["copy-parents"]],
    ["ADD https://x/y.tgz http://x/z b", ["add-url", "add-url"]],
    ["ADD https://x/y.git#v1:dir git@x:y/z.git git://x/y b", ["add-git", "add-git", "add-git"]],
    ["ADD --checksum=sha256:0 https://x/y /b", ["add-checksum", "add-url"]],
    ["ADD github.com/x/y b", []],
    ["COPY https://x/y b", []],
    ["ENV A=${B#c}", ["pattern-expansion"]],
    ["RUN echo ${B#c}", ["run"]],
    ["ONBUILD RUN a", ["onbuild"]],
    ["HEALTHCHECK --start-interval=1s CMD a", ["healthcheck-start-interval"]],
  ])("of %j are %j", (body, expected) => {
    expect(features(body)).toEqual(expected);
  });

  it("see a download that comes out of an argument", () => {
    expect(features("ARG U=a\nADD $U b", { U: "https://x/y" })).toEqual(["add-url"]);
    expect(features("ARG U=a\nADD $U b")).toEqual([]);
  });

  it("name the instruction and its place", () => {
    const text = "# syntax=x\nFROM a\nCOPY --link b c";
    const found = requiredFeatures(parseDockerfile(text));
    expect(found.map(({ feature, range }) => [feature, text.slice(range.start, range.end)])).toEqual([
      ["syntax-directive", "# syntax=x"],
      ["copy-link", "--link"],
    ]);
  });
});

describe("leftovers", () => {
  it("are nothing in a text that ends where it ends", () => {
    expect(leftovers(parseDockerfile("FROM x\nUSER a\nFROM y\nRUN a\n"))).toEqual({ directives: [] });
  });

  it("are a continuation, a directive, a heredoc and the user of the last stage", () => {
    const found = leftovers(parseDockerfile("# escape=`\nUSER a\nRUN b\nUSER c\nRUN d `"));
    expect(found).toMatchObject({ directives: [{ start: 0 }], user: { args: "c" }, continuation: { end: 38 } });
    expect(leftovers(parseDockerfile("COPY <<E /x\na\n")).heredoc).toBeDefined();
  });
});
