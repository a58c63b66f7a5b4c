import { describe, expect, it } from "vitest";
import { cutPiece, joinPieces, sourcePiece, textPiece } from "../../src/compose/text-pieces.ts";
import { listen } from "../../src/engines/blame.ts";
import type { Dialect } from "../../src/engines/dialects.ts";
import { readyBuild } from "../contracts/engine.ts";

const compat = {
  path: "compat/x/Dockerfile",
  text: 'ARG V=1\nFROM debian AS tool\nRUN echo tool\nFROM science\nENV A=1\nRUN echo "$A" && \\\n    # why\n    false\nWORKDIR /x\n',
};
const part = (from: string, to: string) => ({ start: compat.text.indexOf(from), end: compat.text.indexOf(to) });

/** As composed: the compat layer begins in line 2, its own part in line 7. */
const composed = joinPieces([
  textPiece("# x: compat/x\n"),
  cutPiece(sourcePiece(compat), part("ARG", "FROM science"), []),
  textPiece("FROM science\n# compat/x\nARG http_proxy=p\n"),
  cutPiece(sourcePiece(compat), { ...part("ENV", ""), end: compat.text.length }, []),
  textPiece("ENV SCISERVER_IMAGE=x\n"),
]);

function placeOf(dialect: Dialect, output: string, { text, origins } = composed) {
  const world = { repo: "reg.test/x", root: "/" };
  const blamed = listen(dialect, readyBuild(world, "x", text, { origins }));
  for (const line of output.split("\n")) blamed.hear(line);
  const place = blamed.place();
  return place && `${place.at.file}:${place.at.line}:${place.at.column} ${place.excerpt.text}`;
}

const failing = 'compat/x/Dockerfile:6:1 RUN echo "$A" && \\';

describe("what BuildKit blames", () => {
  it("is the first line that it marks", () => {
    const output = `#5 [stage-1 2/3] RUN echo "$A" &&     false
#5 0.291 Dockerfile:3
#5 0.291 --------------------
#5 ERROR: process "/bin/sh -c echo \\"$A\\" &&     false" did not complete successfully: exit code: 1
------
 > [stage-1 2/3] RUN echo "$A" &&     false:
0.291 1
------
Dockerfile:9
--------------------
   8 |     ENV A=1
   9 | >>> RUN echo "$A" && \\
  10 | >>>     # why
  11 | >>>     false
  12 |     WORKDIR /x
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c echo" did not complete successfully: exit code: 1`;
    expect(placeOf("buildkit", output)).toBe(failing);
  });

  it("has a column in some versions", () => {
    expect(placeOf("buildkit", "Dockerfile:9:1\n--------------------\n   9 | >>> RUN")).toBe(failing);
  });

  it.each([
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 12: unknown",
    "ERROR: failed to build: failed to solve: dockerfile parse error on line 12: WORKDIR requires exactly one argument",
    "ERROR: failed to solve: dockerfile parse error on line 12: WORKDIR requires exactly one argument",
  ])("is the line that it cannot read: %s", (output) => {
    expect(placeOf("buildkit", output)).toBe("compat/x/Dockerfile:9:1 WORKDIR /x");
  });

  it.each([
    [' > [stage-1 2/3] RUN echo "$A" &&     false:', failing],
    [" > [tool 1/2] FROM docker.io/library/debian:", "compat/x/Dockerfile:2:1 FROM debian AS tool"],
    [" > [tool 2/2] RUN echo tool:", "compat/x/Dockerfile:3:1 RUN echo tool"],
    [" > [tool 2/2] RUN echo another:", undefined],
    [" > [stage-1 2/4] RUN trigger:", undefined],
    [" > [stage-7 2/4] RUN echo tool:", undefined],
    [" > [internal] load metadata for registry.invalid/none:1:", undefined],
  ])("is a step of a stage before 23.0: %s", (output, expected) => {
    expect(placeOf("buildkit", `------\n${output}\n------\nexecutor failed running`)).toBe(expected);
  });

  it("counts no base that is a stage or nothing", () => {
    const text = "FROM scratch AS a\nCOPY x /x\nFROM a\nCOPY y /y\n";
    const template = sourcePiece({ path: "science/x/Dockerfile", text });
    expect(placeOf("buildkit", " > [a 1/1] COPY x /x:", template)).toBe("science/x/Dockerfile:2:1 COPY x /x");
    expect(placeOf("buildkit", " > [stage-1 1/1] COPY y /y:", template)).toBe("science/x/Dockerfile:4:1 COPY y /y");
  });

  it("is nowhere in the catalogue where image-builder wrote the line", () => {
    expect(placeOf("buildkit", "Dockerfile:7\n--------------------\n   7 | >>> ARG http_proxy=p")).toBeUndefined();
  });
});

describe("what the classic builder blames", () => {
  const steps = `Step 1/9 : ARG V=1
Step 2/9 : FROM debian AS tool
 ---> 4806136dc8b1
Step 3/9 : RUN echo tool
Step 3/9 : RUN as printed by an instruction
Step 4/9 : FROM science
Step 5/9 : ARG http_proxy=p
Step 6/9 : ENV A=1
Step 7/9 : RUN echo "$A" &&     false
 ---> Running in 70589b6e5841
1
Step 3/4 : RUN as printed by another builder
The command '/bin/sh -c echo "$A" &&     false' returned a non-zero code: 1`;

  it("is the step that it was at, whatever instructions print", () => {
    expect(placeOf("classic", steps)).toBe(failing);
  });

  it("is nothing where the step is another instruction than it says", () => {
    expect(placeOf("classic", "Step 1/9 : COPY x /x")).toBeUndefined();
  });

  it("is the line that it cannot read", () => {
    const output = "Error response from daemon: dockerfile parse error line 12: WORKDIR requires exactly one argument";
    expect(placeOf("classic", output)).toBe("compat/x/Dockerfile:9:1 WORKDIR /x");
  });
});

describe("what buildah blames", () => {
  it("is the step of the stage that it was at", () => {
    const output = `[1/2] STEP 1/2: FROM debian AS tool
[1/2] STEP 2/2: RUN echo tool
tool
--> e311ee82f63
[2/2] STEP 1/6: FROM science
[2/2] STEP 2/6: ARG http_proxy=p
[2/2] STEP 3/6: ENV A=1
--> 64de84ef78a
[2/2] STEP 4/6: RUN echo "$A" &&     false
1
subprocess exited with status 1
Error: building at STEP "RUN echo \\"$A\\" &&     false": exit status 1`;
    expect(placeOf("buildah", output)).toBe(failing);
  });

  it("has no stage where there is but one", () => {
    const template = sourcePiece({ path: "science/x/Dockerfile", text: "# x\nFROM a\n\nRUN false\n" });
    const output = 'STEP 1/3: FROM a\nSTEP 2/3: RUN false\nError: building at STEP "RUN false": exit status 1';
    expect(placeOf("buildah", output, template)).toBe("science/x/Dockerfile:4:1 RUN false");
  });
});
