import { execFileSync } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRegistries } from "../../src/registry/registries.ts";
import { build } from "../../src/run/build.ts";
import { plan } from "../../src/run/plan.ts";
import { withSession } from "../../src/run/session.ts";
import { status } from "../../src/run/status.ts";
import { verify } from "../../src/run/verify.ts";
import { flatten } from "../engines/assemble/flatten.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { planAt } from "../support/plan-at.ts";
import {
  compatFiles,
  type Files,
  gitEnvironment,
  type Repository,
  repository,
  scienceFiles,
} from "../support/repository.ts";

const named = (folder: string) => ({ contexts: { scripts: folder } });

/** Two science layers and two layers of an interface, of which three share a folder and one gives its name to another. */
const files: Files = {
  ...scienceFiles("a", "scratch", named("shared/scripts")),
  "science/a/Dockerfile": "FROM scratch\nCOPY own /own/\nCOPY --from=scripts . /opt/\n",
  "science/a/own": "own\n",
  ...scienceFiles("b", "scratch", named("shared/scripts/lib")),
  "science/b/Dockerfile": "FROM scratch\nCOPY --from=scripts x /b/\n",
  ...scienceFiles("c", "scratch"),
  "science/c/Dockerfile": "FROM scratch\nCOPY own /own\n",
  "science/c/own": "own\n",
  ...compatFiles("low"),
  "compat/low/sciserver-image.json": named("shared/conf"),
  "compat/low/Dockerfile": "COPY --from=scripts low.conf /etc/\n",
  ...compatFiles("jupyter"),
  "compat/jupyter/sciserver-image.json": { includes: ["low"], ...named("shared/scripts") },
  "compat/jupyter/Dockerfile": "COPY --from=scripts run.sh /bin/run\n",
  "shared/scripts/run.sh": "#!/bin/sh\n",
  "shared/scripts/lib/x": "1",
  "shared/scripts/note.log": "1",
  "shared/scripts/.dockerignore": "*.log\n",
  "shared/conf/low.conf": "low\n",
  "elsewhere/x": "1",
};

const idsOf = async (path: string, options: object = {}) =>
  (await planAt({ root: path, ...options })).plan.builds.map(({ id }) => id);

const science = (...names: string[]) => names.map((each) => `science/${each}`);
const compat = (...names: string[]) => names.map((each) => `compat/${each}:1.0`);

describe("a change in a folder that layers share", () => {
  it.each([
    ["shared/scripts/run.sh", [...science("a"), ...compat("a", "b", "c")]],
    ["shared/scripts/lib/x", [...science("a", "b"), ...compat("a", "b", "c")]],
    ["shared/scripts/lib/new", [...science("a", "b"), ...compat("a", "b", "c")]],
    ["shared/conf/low.conf", compat("a", "b", "c")],
    ["elsewhere/x", []],
    ["shared/x", []],
  ])("is a change of each layer that reads it: %s", async (path, expected) => {
    const world = repository(files);
    world.commit({ [path]: "changed" });
    expect(await idsOf(world.path)).toEqual(expected);
    world.write({ [path]: "changed again" });
    expect(await idsOf(world.path)).toEqual(path === "shared/x" || path === "elsewhere/x" ? [] : expected);
    expect(await idsOf(world.path, { since: "HEAD..HEAD" })).toEqual(expected);
  });

  it("is told as the reason, and stamps the build dirty until it is committed", async () => {
    const world = repository(files);
    world.write({ "shared/conf/low.conf": "changed", "elsewhere/x": "changed" });
    const { plan: made } = await planAt({ root: world.path, since: "HEAD..HEAD" });
    expect(made.dirty).toBe(true);
    expect(made.builds[0]?.reasons).toEqual([
      { kind: "compat-changed", layer: "low", files: ["shared/conf/low.conf"] },
    ]);
    world.write({ "shared/conf/low.conf": files["shared/conf/low.conf"] });
    expect((await planAt({ root: world.path, since: "HEAD..HEAD" })).plan.dirty).toBe(false);
  });

  it("counts where git does not track the file, when that is asked for", async () => {
    const world = repository(files);
    world.write({ "shared/conf/new": "1" });
    const { plan: made } = await planAt({ root: world.path, since: "HEAD..HEAD" });
    expect([made.builds, made.warnings.map(({ message }) => message)]).toEqual([
      [],
      ["git does not track shared/conf/new; builds leave them out"],
    ]);
    expect(await idsOf(world.path, { since: "HEAD..HEAD", untracked: true })).toEqual(compat("a", "b", "c"));
  });

  it.each([
    ["shared/scripts/note.log", "shared/scripts/.dockerignore drops the file", undefined],
    ["shared/scripts/lib/y", undefined, "no instruction reads the file"],
    ["shared/scripts/.dockerignore", undefined, undefined],
  ])("is proven not to reach an image where nothing is read: %s", async (path, all, lib) => {
    const world = repository(files);
    world.commit({ [path]: "*.txt\n" });
    const { plan: made } = await planAt({ root: world.path, settings: { meaningful: true } });
    const told = made.warnings.flatMap(({ code, message }) => (code === "unreached-change" ? [message] : []));
    const expected = [...(all ? [["a", all]] : []), ...(lib ? [["b", lib]] : [])];
    expect(told).toEqual(
      expected.map(([name, why]) => `the change to science/${name} cannot reach its image (${why})`),
    );
  });

  it("may be that of a submodule", async () => {
    const tool = repository({ "run.sh": "1" });
    const world = repository({ ...files, ...scienceFiles("b", "scratch", named("vendor")) });
    world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", tool.path, "vendor");
    world.commit({ "science/b/Dockerfile": "FROM scratch\nCOPY --from=scripts run.sh /b/\n" });
    tool.commit({ "run.sh": "2" });
    execFileSync("git", ["-c", "protocol.file.allow=always", "pull", "-q"], {
      cwd: `${world.path}/vendor`,
      env: gitEnvironment,
    });
    world.commit({});
    expect(await idsOf(world.path)).toEqual([...science("b"), ...compat("b")]);
  });
});

describe("images of layers that share folders", () => {
  it("have what HEAD has of them, whoever gives which name to them, and are known again", async () => {
    const registry = await startHttpRegistry();
    onTestFinished(() => registry.stop());
    const world = repository(files);
    const session = sessionOf(world, `${registry.host}/r`);
    await withSession(session, (opened) => build(opened, { since: "all", push: true }));
    const found = await filesOf(registry.host, "r/rel/a");
    expect(found).toEqual(
      [".dockerignore", "lib/x", "run.sh"]
        .map((each) => `opt/${each}`)
        .concat(["bin/run", "etc/low.conf", "own/own"])
        .sort(),
    );
    const states = async () =>
      (await withSession(session, status)).statuses.map(({ image, states: all }) => `${image} ${all.join()}`);
    expect(await states()).toEqual(["a current", "b current", "c current"]);
    const verdicts = await withSession(session, (opened) => verify(opened, { images: "all" }));
    expect(verdicts.verdicts.map(({ verdict }) => verdict)).toEqual(["untouched", "untouched", "untouched"]);
    world.commit({ "shared/scripts/lib/x": "2", "shared/scripts/note.log": "2" });
    const planned = await withSession(session, (opened) => plan(opened, { since: "published" }));
    expect(planned.plan.builds.map(({ id }) => id)).toEqual([...science("a", "b"), ...compat("a", "b", "c")]);
  });
});

const sessionOf = ({ path }: Repository, repo: string) => ({
  root: path,
  settings: { repo },
  environment: { ...process.env, XDG_STATE_HOME: `${path}/.git/state`, XDG_CACHE_HOME: `${path}/.git/cache` },
});

/** Paths of the plain files of an image. */
async function filesOf(host: string, repository: string): Promise<string[]> {
  const registries = createRegistries();
  const flat = await flatten(registries.registryFor(host), `${host}/${repository}:1.0`);
  await registries.close();
  return Object.entries(flat.files)
    .flatMap(([path, says]) => (/"type":"file"/.test(says) ? [path] : []))
    .sort();
}
