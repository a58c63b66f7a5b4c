import { describe, expect, it } from "vitest";
import { compatInputs, scienceInputs } from "../../src/compose/inputs.ts";
import { compat, context, science } from "./world.ts";

const text = "FROM debian:1\nCOPY a /a\n";
const files = (content = "a") => context("science/x", { a: content });
const before = scienceInputs(science("x", text), () => files());

describe("the inputs digest of a science layer", () => {
  it("is the same for the same directory, wherever it lies and whatever its image is called", () => {
    const elsewhere = context("science/y", { a: "a" });
    expect(
      scienceInputs(science("y", text, { version: "7", compat: "other", description: "x" }), () => elsewhere),
    ).toBe(before);
  });

  it("does not move between versions of this program", () => {
    expect(before).toBe("sha256:407d14f49ace33e1a62f36dd8bf87eefc378e417aa1d4796436e54c38c17a302");
  });

  it.each([
    ["the Dockerfile", science("x", `${text}#\n`), files()],
    ["a build argument", science("x", text, { args: { A: "1" } }), files()],
    ["a label", science("x", text, { labels: { a: "1" } }), files()],
    ["a file", science("x", text), files("b")],
    ["a file's name", science("x", text), context("science/x", { b: "a" })],
    ["a file's mode", science("x", text), files().map((file) => ({ ...file, mode: 0o755 as const }))],
  ])("changes with %s", (_, layer, given) => {
    expect(scienceInputs(layer, () => given)).not.toBe(before);
  });

  it("does not change with a file that no build sees", () => {
    const ignoring = science("x", text, { ignore: "notes\n" });
    const seen = scienceInputs(ignoring, () => files());
    expect(scienceInputs(ignoring, () => context("science/x", { a: "a", notes: "n" }))).toBe(seen);
  });
});

describe("the inputs digest of a compat stack", () => {
  const low = compat("low", "RUN low\n");
  const high = compat("high", "RUN high\n", { includes: ["low"] });
  const filesOf = () => [];

  it("depends on the order and on every layer", () => {
    const all = [
      [low, high],
      [high, low],
      [high],
      [compat("low", "RUN other\n"), high],
      [low, compat("high", "RUN high\n", { directories: [{ path: "/x" }] })],
    ];
    expect(new Set(all.map((stack) => compatInputs(stack, filesOf))).size).toBe(all.length);
  });
});
