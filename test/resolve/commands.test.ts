import { describe, expect, it } from "vitest";
import { foundAt, link, onTop, program } from "./support.ts";

const science = { items: [program("usr/bin/tool"), program("usr/bin/other"), link("usr/bin/alias", "tool")] };

describe("a command on PATH", () => {
  it("is the same behind another link to the same file", async () => {
    const { outcome } = await onTop(science, { items: [link("usr/local/bin/tool", "/usr/bin/alias")] });
    expect(outcome).toBe("same");
  });

  it("is moved when an equal file stands before it, and changed when another does", async () => {
    expect(await foundAt(science, { items: [program("usr/local/bin/tool", "usr/bin/tool")] })).toEqual([
      "moved command tool",
    ]);
    const { doors } = await onTop(science, { items: [program("usr/local/bin/tool", "x")] });
    expect(doors[0]?.differences).toEqual([
      {
        kind: "command",
        name: "tool",
        outcome: "changed",
        before: { path: "/usr/bin/tool", layer: 0 },
        after: { path: "/usr/local/bin/tool", layer: 1 },
      },
    ]);
  });

  it("is gone when PATH no longer leads to it, it may not be executed, or its link leads nowhere", async () => {
    const path = await onTop(science, { config: { Env: ["PATH=/bin"] } });
    expect(path.outcome).toBe("removed");
    const mode = await foundAt(science, { items: [{ ...program("usr/bin/other"), mode: 0o644 }] });
    expect(mode).toEqual(["removed command other"]);
    const dangling = await foundAt(science, { items: [link("usr/bin/other", "nothing")] });
    expect(dangling).toEqual(["removed command other"]);
  });

  it("is what the image's user may execute", async () => {
    const closed = { items: [{ path: "opt/x/", mode: 0o700 }, program("opt/x/tool")] };
    const config = { Env: ["PATH=/opt/x"] };
    const answer = await foundAt({ ...closed, config }, { config: { User: "1000" } });
    expect(answer).toEqual(["removed command tool"]);
  });

  it("is looked for in the working folder where PATH says so", async () => {
    const answer = await foundAt(
      { ...science, config: { Env: ["PATH=:/usr/bin"] } },
      { items: [program("work/tool", "x")], config: { WorkingDir: "/work" } },
    );
    expect(answer).toEqual(["changed command tool"]);
  });
});

describe("what runs a command", () => {
  const scripts = {
    items: [
      program("usr/bin/env"),
      program("opt/x/run"),
      program("usr/bin/one", "#!/opt/x/run\n"),
      program("usr/bin/two", "#!/opt/x/run\n"),
      program("usr/bin/lang"),
      program("usr/bin/three", "#!/usr/bin/env -S lang -x\n"),
    ],
  };

  it("is told once for all commands that it runs", async () => {
    expect(await foundAt(scripts, { items: [program("opt/x/run", "x")] })).toEqual([
      "changed interpreter #!/opt/x/run",
    ]);
    expect(await foundAt(scripts, { items: [{ path: "opt/x/.wh.run" }] })).toEqual([
      "removed interpreter #!/opt/x/run",
    ]);
  });

  it("is not told again where it is a command itself", async () => {
    expect(await foundAt(scripts, { items: [program("usr/local/bin/lang")] })).toEqual(["changed command lang"]);
  });
});

describe("an image with a layer that cannot be read", () => {
  it("is not examined", async () => {
    const { outcome, problems } = await onTop(science, { items: [{ path: "../x" }] });
    expect(outcome).toBe("not examined");
    expect(problems).toEqual([expect.stringContaining("layer 1 of the composed image is not known")]);
  });
});
