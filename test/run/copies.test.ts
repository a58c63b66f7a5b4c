import { describe, expect, it, onTestFinished } from "vitest";
import { exitCodeOfCopies } from "../../src/cli/copies.ts";
import { error } from "../../src/diagnostics/diagnostic.ts";
import { build } from "../../src/run/build.ts";
import { updateCopies } from "../../src/run/copies.ts";
import { images } from "../../src/run/images.ts";
import { rollback } from "../../src/run/rollback.ts";
import { status } from "../../src/run/status.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { dataLayer, type Operator, operator } from "./operator.ts";

/** A catalogue with two image-versions and a copy in another registry, and one in the same. */
async function withCopies(options: { readonly tags?: readonly string[] } = {}) {
  const copy = await startHttpRegistry();
  onTestFinished(() => copy.stop());
  const made = await operator({ ...dataLayer("low", "scratch"), ...dataLayer("high", "sci/low:1.0") });
  const copies = [`${copy.host}/mirror`, `${made.registry.host}/beside`];
  made.made.commit({
    "image-builder.json": { repo: made.repo, copies },
    ...(options.tags && {
      "science/high/sciserver-image.json": { image: "high", version: "1.0", compat: "jupyter", tags: options.tags },
    }),
  });
  return { ...made, copy, copies };
}

/** Tags of all repositories below a prefix, with what they hold. */
const tagsBelow = ({ store }: HttpRegistry, prefix: string): Record<string, string> =>
  Object.fromEntries(
    [...store.repositories].flatMap(([path, { tags }]) =>
      path.startsWith(`${prefix}/`)
        ? [...tags].map(([tag, digest]) => [`${path.slice(prefix.length)}:${tag}`, digest] as const)
        : [],
    ),
  );

const home = ({ registry, repo }: Operator) => tagsBelow(registry, repo.slice(registry.host.length + 1));

const push = (made: Operator, request: Parameters<typeof build>[1] = {}) =>
  made.use((session) => build(session, { push: true, since: "all", ...request }));

describe("copies of the home repository", () => {
  it("get the same digests under the same tags, with what is attached to them", async () => {
    const made = await withCopies({ tags: ["latest"] });
    const { copies: outcomes } = await push(made);
    expect(outcomes?.map(({ copy, problems }) => [copy, problems])).toEqual(made.copies.map((each) => [each, []]));
    const all = home(made);
    expect(Object.keys(all)).toContain("/rel/high:latest");
    expect(tagsBelow(made.copy, "mirror")).toEqual(all);
    expect(tagsBelow(made.registry, "beside")).toEqual(all);
    const digest = all["/rel/high:1.0"] as never;
    const referrers = made.registry.store.referrers(
      `${made.repo.slice(made.registry.host.length + 1)}/rel/high`,
      digest,
    );
    expect(referrers.length).toBeGreaterThan(0);
    expect(made.copy.store.referrers("mirror/rel/high", digest)).toEqual(referrers);
    expect(Object.keys(outcomes?.[0]?.references ?? {}).sort()).toEqual(
      Object.keys(all)
        .map((each) => `${made.copy.host}/mirror${each}`)
        .sort(),
    );
  });

  it("mount layers in their own registry, and fetch a layer once for each other registry", async () => {
    const made = await withCopies();
    await push(made);
    const fetched = made.registry.seen.filter(({ method, url }) => method === "GET" && url.includes("/blobs/sha256:"));
    const urls = fetched.map(({ url }) => url.slice(url.indexOf("/blobs/")));
    const layers = urls.filter((url) => {
      const digest = url.slice("/blobs/".length);
      return [...made.registry.store.repositories.values()].some(
        ({ blobs }) => (blobs.get(digest as never)?.[0] ?? 0) === 0x1f,
      );
    });
    expect(layers.length).toBeGreaterThan(0);
    expect(new Set(layers).size).toBe(layers.length);
    const uploads = made.registry.seen.filter(({ method, url }) => method === "PUT" && url.includes("beside"));
    expect(uploads.filter(({ url }) => url.includes("/blobs/uploads/"))).toEqual([]);
  });

  it("get a stable tag when all unique tags are there, and never before", async () => {
    const made = await withCopies();
    await push(made);
    const puts = made.copy.seen
      .filter(({ method, url }) => method === "PUT" && url.includes("/manifests/") && !url.includes("sha256"))
      .map(({ url }) => url.replace(/.*\/manifests\//, ""));
    const first = puts.indexOf("1.0");
    expect(first).toBe(4);
    expect(puts.slice(first)).toEqual(["1.0", "1.0", "1.0", "1.0"]);
  });

  it("are not written when a run publishes elsewhere, and ask nothing where there are none", async () => {
    const made = await withCopies();
    await made.use((session) => build(session, { push: true, since: "all" }));
    const before = made.copy.seen.length;
    const { withSession } = await import("../../src/run/session.ts");
    await withSession({ root: made.made.path, settings: { repo: `${made.registry.host}/trial` } }, (session) =>
      build(session, { push: true, since: "all" }),
    );
    expect(made.copy.seen.length).toBe(before);
  });

  it("that do not answer, or take nothing, are named, and home is published", async () => {
    const made = await withCopies();
    made.copy.faults.push((request, response) => {
      if (request.method === "GET" || request.method === "HEAD") return false;
      request.resume();
      response.writeHead(403, { "content-type": "application/json" }).end('{"errors":[{"code":"DENIED"}]}');
      return true;
    });
    const { copies: outcomes, published } = await push(made);
    expect(published.every(({ stable }) => stable !== undefined)).toBe(true);
    const [bad, good] = outcomes ?? [];
    expect(bad?.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(
        /^registry-refused the copy .*\/mirror is behind home, of (high|low):1\.0, (high|low):1\.0: /,
      ),
    ]);
    expect(bad?.problems[0]?.help).toContain("image-builder publish --copies");
    expect(good?.problems).toEqual([]);
    expect(tagsBelow(made.copy, "mirror")).toEqual({});
    expect(tagsBelow(made.registry, "beside")).toEqual(home(made));

    const { statuses, isLate } = await made.use(status);
    expect(isLate).toBe(true);
    expect(statuses.flatMap((each) => each.copies?.map(({ state }) => state) ?? [])).toEqual([
      "absent",
      "current",
      "absent",
      "current",
    ]);
    const { document } = await made.use(images);
    expect(document.images[0]?.copies?.map(({ reference, state }) => `${reference} ${state}`)).toEqual([
      `${made.copy.host}/mirror/rel/high:1.0 absent`,
      `${made.registry.host}/beside/rel/high:1.0 current`,
    ]);

    made.copy.faults.length = 0;
    await made.use((session) => updateCopies(session));
    expect(tagsBelow(made.copy, "mirror")).toEqual(home(made));
    expect((await made.use(status)).isLate).toBe(false);
  });

  it("are finished by the next run, or without one, when one was broken off half way", async () => {
    const made = await withCopies();
    let left = 12;
    made.copy.faults.push((request, response) => {
      if (request.method === "GET" || request.method === "HEAD" || left-- > 0) return false;
      request.resume();
      response.writeHead(403, { "content-type": "application/json" }).end('{"errors":[{"code":"DENIED"}]}');
      return true;
    });
    const { copies: outcomes } = await push(made);
    expect(outcomes?.[0]?.problems.map(({ code }) => code)).toEqual(["registry-refused"]);
    const half = tagsBelow(made.copy, "mirror");
    const all = home(made);
    for (const [tag, digest] of Object.entries(half)) expect(all[tag]).toBe(digest);
    expect(Object.keys(half).some((tag) => tag.endsWith(":1.0"))).toBe(false);
    made.copy.faults.length = 0;
    const { copies: again, results } = await push(made);
    expect(results.every(({ outcome }) => outcome === "present")).toBe(true);
    expect(again?.[0]?.problems).toEqual([]);
    expect(tagsBelow(made.copy, "mirror")).toEqual(all);
    const writes = made.copy.seen.filter(({ method }) => method === "PUT" || method === "POST").length;
    await made.use((session) => updateCopies(session));
    expect(made.copy.seen.filter(({ method }) => method === "PUT" || method === "POST")).toHaveLength(writes);
  });

  it("go back with home", async () => {
    const made = await withCopies();
    await push(made);
    const before = home(made)["/rel/high:1.0"];
    made.made.commit({ "science/high/data": "two\n" });
    await push(made, { since: "HEAD^..HEAD" });
    expect(tagsBelow(made.copy, "mirror")["/rel/high:1.0"]).not.toBe(before);
    const { copies: outcomes } = await made.use((session) => rollback(session, { what: "high:1.0" }));
    expect(outcomes?.flatMap(({ problems }) => problems)).toEqual([]);
    for (const prefix of [tagsBelow(made.copy, "mirror"), tagsBelow(made.registry, "beside")]) {
      expect(prefix["/rel/high:1.0"]).toBe(before);
      expect(prefix["/sci/high:1.0"]).toBe(home(made)["/sci/high:1.0"]);
    }
  });

  it("keep a unique tag that holds something else", async () => {
    const made = await withCopies();
    await push(made);
    const [tag = ""] = Object.keys(home(made)).filter((each) => each.startsWith("/rel/high:1.0-"));
    const unique = tag.slice(tag.indexOf(":") + 1);
    const other = made.copy.store.repository("mirror/rel/high");
    const low = made.copy.store.manifest("mirror/rel/low", "1.0");
    if (low === undefined) throw new Error("unreachable");
    const wrong = made.copy.store.storeManifest("mirror/rel/high", unique, low);
    const outcomes = await made.use((session) => updateCopies(session));
    expect(outcomes[0]?.problems.map(({ code }) => code)).toEqual(["copy-differs"]);
    expect(other.tags.get(unique)).toBe(wrong);
  });

  it("that are behind end a command with 1, or with 75 where it may be otherwise a little later", () => {
    const exitCode = (...codes: string[]) =>
      exitCodeOfCopies([{ copy: "c.test/x", references: {}, problems: codes.map((code) => error(code, "m")) }]);
    expect([exitCode(), exitCode("registry-refused"), exitCode("registry-unreachable")]).toEqual([0, 1, 75]);
    expect(exitCode("registry-unreachable", "copy-differs")).toBe(1);
  });

  it.each([
    [["https://ghcr.io/x"], "is not a repository to publish to"],
    [["HOME"], "is the home repository itself"],
    [["ghcr.io/x/", "ghcr.io/x"], "is listed twice"],
  ])("that are %j are refused at their place", async (copies, why) => {
    const made = await operator(dataLayer("low", "scratch"));
    made.made.commit({
      "image-builder.json": { repo: made.repo, copies: copies.map((each) => (each === "HOME" ? made.repo : each)) },
    });
    const { loadCatalogue } = await import("../../src/catalogue/load.ts");
    const [problem] = loadCatalogue(made.made.path).diagnostics;
    expect(problem?.message).toContain(why);
    expect(problem?.at?.file).toBe("image-builder.json");
  });
});
