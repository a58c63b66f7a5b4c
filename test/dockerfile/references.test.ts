import { describe, expect, it } from "vitest";
import { imageReferences, parseDockerfile } from "../../src/dockerfile/index.ts";

const references = (text: string, buildArgs: Record<string, string> = {}) =>
  imageReferences(parseDockerfile(text), buildArgs);
const names = (text: string, buildArgs?: Record<string, string>): string[] =>
  references(text, buildArgs).map((each) => each.name);

describe("image references", () => {
  it("are found in FROM, COPY --from and RUN --mount=from, with the token to replace", () => {
    const text = [
      "ARG V=3.11",
      "from --platform=$BUILDPLATFORM sci/a:${V} as Build",
      "RUN --mount=type=cache,from=foo:1,target=/x \\",
      "  --mount=target=/y,from=build true",
      "copy --chown=1 --from=quay.io/x/y@sha256:0 a \\",
      "  b",
      "FROM \\",
      "  # the interface",
      "  debian AS last",
      "",
    ].join("\n");
    const found = references(text);
    expect(found.map(({ via, stage, name, written }) => [via, stage, name, written])).toEqual([
      ["from", 0, "sci/a:3.11", "sci/a:${V}"],
      ["mount", 0, "foo:1", "foo:1"],
      ["copy", 0, "quay.io/x/y@sha256:0", "quay.io/x/y@sha256:0"],
      ["from", 1, "debian", "debian"],
    ]);
    expect(found.map(({ range }) => text.slice(range.start, range.end))).toEqual(found.map((each) => each.written));
  });

  it("do not read the name of a stage for an image", () => {
    expect(
      names("FROM x AS main\nFROM main\nCOPY --from=MAIN a b\nCOPY --from=0 a b\nRUN --mount=from=Main true"),
    ).toEqual(["x"]);
  });

  it("leave the name of a stage to its images before it is defined", () => {
    expect(names("FROM debian\nFROM x AS debian\nFROM debian")).toEqual(["debian", "x"]);
    expect(names("FROM debian AS debian\nFROM debian")).toEqual(["debian"]);
  });

  it("take a stage of any place for a stage in --from, as BuildKit would refuse it rather than pull an image", () => {
    expect(names("FROM x\nCOPY --from=late a b\nFROM y AS late")).toEqual(["x", "y"]);
  });

  it("compare a stage's name with FROM in lower case, where BuildKit would refuse an image of that name", () => {
    expect(names("FROM x AS Lib\nFROM lib\nFROM Lib")).toEqual(["x", "Lib"]);
  });

  it("read a number as an image in a mount", () => {
    expect(names("FROM x\nRUN --mount=from=0 true")).toEqual(["x", "0"]);
  });

  it("name scratch", () => {
    expect(names("FROM scratch\nCOPY --from=scratch a b")).toEqual(["scratch", "scratch"]);
  });

  it("use the arguments before the first FROM, over which the build's have precedence", () => {
    const text = "ARG R=docker.io\nARG I=$R/x\nFROM $I:${T:-1}";
    expect(names(text)).toEqual(["docker.io/x:1"]);
    expect(names(text, { R: "quay.io" })).toEqual(["quay.io/x:1"]);
    // T is declared nowhere, so the build's value does not count.
    expect(names(text, { I: "y", T: "2" })).toEqual(["y:1"]);
  });

  it("know the platform arguments", () => {
    expect(names("FROM x-$TARGETARCH-$BUILDOS")).toEqual(["x-amd64-linux"]);
    expect(names("FROM x-$TARGETARCH", { TARGETARCH: "arm64" })).toEqual(["x-arm64"]);
  });

  it("do not use arguments of a stage, nor ENV", () => {
    expect(references("ARG A\nFROM x\nARG T=1\nENV T=2\nFROM y:$T$A")).toMatchObject([
      { name: "x" },
      { name: "y:", written: "y:$T$A", unresolved: ["T", "A"] },
    ]);
  });

  it("expand what buildah expands in --from", () => {
    expect(names("ARG V=1\nFROM x\nARG V\nCOPY --from=y:$V a b")).toEqual(["x", "y:1"]);
    expect(names("FROM x AS lib\nFROM y\nARG L=lib\nCOPY --from=$L a b")).toEqual(["x", "y"]);
  });

  it("have no part in the names that objects come with", () => {
    expect(names("FROM x\nCOPY --from=constructor a b\nFROM toString", { a: "b" })).toEqual([
      "x",
      "constructor",
      "toString",
    ]);
    expect(references("ARG toString\nFROM a$toString")[0]).toMatchObject({ name: "a", unresolved: ["toString"] });
  });

  it("are found behind ONBUILD, where they can be no name of a stage", () => {
    const text =
      "FROM x\nONBUILD COPY --from=sci/w:1 a b\nONBUILD RUN --mount=from=r.org/v,target=/v true\nONBUILD COPY --from=builder a b\nONBUILD COPY --from=0 a b\nONBUILD COPY --from=a/$B a b\n";
    expect(references(text).map(({ via, name, range }) => [via, name, text.slice(range.start, range.end)])).toEqual([
      ["from", "x", "x"],
      ["copy", "sci/w:1", "sci/w:1"],
      ["mount", "r.org/v", "r.org/v"],
    ]);
  });

  it("ignore what stands in comments, heredocs and triggers", () => {
    expect(names("FROM x\n# FROM y\nRUN <<E\nFROM z\nE\nONBUILD COPY --from=w a b\nADD --from=v a b")).toEqual(["x"]);
  });
});
