import { describe, expect, it } from "vitest";
import { evaluateInstructions, globalArguments, parseDockerfile } from "../../src/dockerfile/index.ts";

function evaluate(body: string, buildArgs: Record<string, string> = {}, start: Record<string, string> = {}) {
  const dockerfile = parseDockerfile(body.includes("FROM") ? body : `FROM x\n${body}`);
  const context = { escape: dockerfile.escape, globals: globalArguments(dockerfile, buildArgs), buildArgs };
  return evaluateInstructions(dockerfile.stages[0]?.instructions ?? [], new Map(Object.entries(start)), context);
}

describe("an evaluated instruction", () => {
  it("has sources and destination expanded, in JSON form too", () => {
    const { instructions } = evaluate('ARG D=/opt\nCOPY "$D/a" b\\ $D/\nCOPY ["a $D", "$D"]');
    expect(instructions[1]?.words).toEqual(["/opt/a", "b\\", "/opt/"].map((word) => word.replace("\\", "")));
    expect(instructions[2]?.words).toEqual(["a /opt", "/opt"]);
  });

  it("has owner and mode expanded, and nothing else of the flags", () => {
    const { instructions } = evaluate("ARG X=1\nCOPY --chown=$X:$X --chmod=$X --exclude=$X a b");
    expect(instructions[1]?.flags.map((flag) => flag.value)).toEqual(["1:1", "1", "$X"]);
  });

  it("stays as it is where a shell reads it", () => {
    const { instructions } = evaluate('ENV X=1\nRUN echo $X\nCMD ["$X"]\nENTRYPOINT $X\nHEALTHCHECK CMD $X');
    expect(instructions.map(({ words }) => words)).toEqual([[], [], ["$X"], [], ["CMD", "$X"]]);
  });

  it("has the files that its heredocs stand for", () => {
    const { instructions } = evaluate(
      "ENV X=v\nCOPY <<E a <<'L' <<-T /d/\n$X \"q\" \\$X '${Y:-z}'\nE\n$X\nL\n\t\ta\n \tb\n\tT\n",
    );
    expect(instructions[1]?.files).toEqual([
      { word: 0, name: "E", content: "v \"q\" $X 'z'\n" },
      { word: 2, name: "L", content: "$X\n" },
      { word: 3, name: "T", content: "a\n \tb\n" },
    ]);
    expect(instructions[1]?.words).toEqual(["<<E", "a", "<<'L'", "<<-T", "/d/"]);
  });

  it("takes the last body where two heredocs have one name, as BuildKit does", () => {
    expect(evaluate("COPY <<E <<E /d/\n1\nE\n2\nE\n").instructions[0]?.files.map((file) => file.content)).toEqual([
      "2\n",
      "2\n",
    ]);
  });

  it("names the variables without a value, and what cannot be expanded", () => {
    const { instructions } = evaluate("LABEL a=$X b=${Y:-1} c=${PATH}\nUSER ${Z?no user}", {}, { PATH: "/bin" });
    expect(instructions[0]?.unset).toEqual(["X", "Y"]);
    expect(instructions[1]?.problem).toBe("Z: no user");
  });

  it("parts the ports of EXPOSE after expansion", () => {
    expect(evaluate('ENV P="80 81"\nEXPOSE $P 9${X}0').instructions[1]?.words).toEqual(["80", "81", "90"]);
  });
});

describe("the environment behind instructions", () => {
  const values = (body: string, buildArgs?: Record<string, string>, start?: Record<string, string>) =>
    Object.fromEntries(evaluate(body, buildArgs, start).environment);

  it("has what the base brings, what ENV sets and what ARG declares", () => {
    expect(values("ENV A=$PATH:x\nARG B=$A C\nARG D", { D: "4" }, { PATH: "/bin" })).toEqual({
      PATH: "/bin",
      A: "/bin:x",
      B: "/bin:x",
      D: "4",
    });
  });

  it("lets one ENV instruction see what was before it, and one ARG instruction what it declares itself", () => {
    expect(values("ENV a=1 b=$a\nARG c=1 d=$c")).toEqual({ a: "1", b: "", c: "1", d: "1" });
  });

  it("has the value of the beginning for an argument declared without one", () => {
    expect(values("ARG A=1\nARG B\nFROM x\nARG A B TARGETARCH")).toEqual({ A: "1", TARGETARCH: "amd64" });
  });

  it("does not take a build argument that nothing declares", () => {
    expect(values("ENV A=1", { A: "2", B: "3" })).toEqual({ A: "1" });
  });
});
