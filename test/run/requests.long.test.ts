import { describe, expect, it } from "vitest";
import { startHttpRegistry } from "../support/http-registry.ts";
import type { Files } from "../support/repository.ts";
import { dataLayer, operator } from "./operator.ts";

const definition = (image: string, rest: object = {}) => ({ image, version: "1.0", compat: "jupyter", ...rest });

/** Two images, each in a directory of its own. */
const plain = (rest: object = {}): Files => ({
  ...dataLayer("a", "scratch"),
  ...dataLayer("b", "scratch"),
  "science/a/sciserver-image.json": definition("a", rest),
  "science/b/sciserver-image.json": definition("b", rest),
});

const variants: Files = {
  ...dataLayer("p", "scratch", "py"),
  "science/p/Dockerfile": "FROM scratch\nARG WHAT\nCOPY data /$WHAT\n",
  "science/p/sciserver-image.json": {
    image: "py",
    compat: "jupyter",
    variants: ["1", "2"].map((version) => ({ version, args: { WHAT: version } })),
  },
};

const contexts: Files = {
  ...plain({ contexts: { scripts: "shared/scripts" } }),
  "shared/scripts/run": "run\n",
  "science/a/Dockerfile": "FROM scratch\nCOPY --from=scripts run /a\n",
  "science/b/Dockerfile": "FROM scratch\nCOPY --from=scripts run /b\n",
};

const withoutInterface: Files = {
  ...plain(),
  ...dataLayer("base", "scratch"),
  "science/base/sciserver-image.json": { image: "base", version: "1.0", compat: false },
  "science/a/Dockerfile": "FROM sci/base:1.0\nCOPY data /a\n",
  "science/b/Dockerfile": "FROM sci/base:1.0\nCOPY data /b\n",
};

/** Requests to the home repositories for each image of an interface update, its statement attached. */
async function requestsOf(files: Files, copy?: string): Promise<number> {
  const registry = await startHttpRegistry();
  try {
    const world = await operator(files, registry);
    world.made.commit({
      "image-builder.json": { repo: world.repo, ...(copy && { copies: [`${registry.host}${copy}`] }) },
    });
    await world.push({ since: "all", noVerdict: false });
    world.made.commit({ "compat/jupyter/Dockerfile": "ENV NEWER=1\n" });
    let count = 0;
    const home = `/v2/${world.repo.slice(world.repo.indexOf("/") + 1)}/`;
    registry.faults.push(({ url }) => {
      if (url?.startsWith(home)) count += 1;
      return false;
    });
    const { published } = await world.push({ noVerdict: false });
    expect(published).toHaveLength(2);
    return count / 2;
  } finally {
    await registry.stop();
  }
}

describe("an interface update", { timeout: 120_000 }, () => {
  it("asks as much of the registry for each image, however it is defined", async () => {
    const usual = await requestsOf(plain());
    // 17 on a registry without the referrers API.
    expect(usual).toBeLessThanOrEqual(17);
    expect(await requestsOf(variants)).toBeLessThanOrEqual(usual);
    expect(await requestsOf(contexts)).toBeLessThanOrEqual(usual);
    expect(await requestsOf(withoutInterface)).toBeLessThanOrEqual(usual);
  });

  it("asks for each further tag what one tag takes: twice before, once to move it, twice afterwards", async () => {
    const usual = await requestsOf(plain());
    const one = (await requestsOf(plain({ tags: ["latest"] }))) - usual;
    expect(one).toBeLessThanOrEqual(5);
    expect(await requestsOf(plain({ tags: ["latest", "{major}"] }))).toBe(usual + 2 * one);
  });

  it("asks home for a copy no more than to read what is copied", async () => {
    const usual = await requestsOf(plain());
    const copied = await requestsOf(plain(), "/copies");
    expect(copied).toBeLessThanOrEqual(usual + 8);
  });
});
