import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newLayer } from "../../src/run/new.ts";
import { plan } from "../../src/run/plan.ts";
import { openSession, withSession } from "../../src/run/session.ts";
import { why } from "../../src/run/why.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

const example = () => repository({ ...scienceFiles("nist-basic", "debian:bookworm-slim"), ...compatFiles("jupyter") });

describe("a session", () => {
  it("reads nothing before it is asked, and is closed without having opened anything", async () => {
    const session = openSession({ root: "/nowhere/at/all" });
    await session.close();
    expect(() => session.root).toThrow("there is no catalogue in /nowhere/at/all");
    await expect(session.catalogue()).rejects.toThrow("there is no catalogue");
  });

  it("reads a catalogue once for all verbs, and again when its files were written", async () => {
    const { path } = example();
    await withSession({ root: path }, async (session) => {
      const { catalogue } = await plan(session, { since: "all" });
      expect(await session.catalogue()).toBe(catalogue);
      expect((await why(session, "nist-basic:1.0", { since: "all" })).explanation).toBeDefined();
      writeFileSync(join(path, "image-builder.json"), '{ "jobs": 7 }');
      expect((await session.catalogue()).settings.jobs).toBeUndefined();
      session.forget();
      expect((await session.catalogue()).settings.jobs).toBe(7);
    });
  });

  it("opens registries once for questions and once for what is moved", async () => {
    await withSession({ root: example().path }, async (session) => {
      const [first, second] = await Promise.all([session.asking(), session.asking()]);
      expect(second).toBe(first);
      expect(await session.moving()).not.toBe(first);
    });
  });

  it("refuses a broken catalogue to a verb that needs a sound one", async () => {
    const made = example();
    made.commit({ "science/other/sciserver-image.json": "{", "science/other/Dockerfile": "FROM debian\n" });
    await withSession({ root: made.path }, async (session) => {
      expect((await session.catalogue()).diagnostics).not.toEqual([]);
      await expect(session.read()).rejects.toThrow();
    });
  });
});

describe("a new layer from a script", () => {
  const start = (request: Parameters<typeof newLayer>[1]) =>
    withSession({ root: example().path }, (session) => newLayer(session, request));

  it("is checked with the catalogue it is written into", async () => {
    const { scaffold, diagnostics } = await start({ kind: "science", name: "more", from: "nist-basic" });
    expect(scaffold.files.map(({ path }) => path)).toContain("science/more/Dockerfile");
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("is refused a name that leaves its folder, and what is missing where nobody can be asked", async () => {
    await expect(start({ kind: "compat", name: "../x", includes: [] })).rejects.toThrow(
      'the name "../x" cannot be used',
    );
    await expect(start({ kind: "science", name: "more" })).rejects.toThrow("needs --base, --version and --compat");
  });
});
