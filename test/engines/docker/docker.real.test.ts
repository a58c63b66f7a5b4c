import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { linkFolders } from "../../../src/catalogue/link-folders.ts";
import { declaredInstructions } from "../../../src/compose/declared-script.ts";
import { applyDeclared } from "../../../src/compose/declared-user.ts";
import { sharedContexts } from "../../../src/compose/shared.ts";
import { cutPiece, sourcePiece } from "../../../src/compose/text-pieces.ts";
import { FailedError } from "../../../src/diagnostics/failure.ts";
import { parseDockerfile } from "../../../src/dockerfile/parse.ts";
import { writeArchive } from "../../../src/engines/context-archive.ts";
import { createDockerEngine } from "../../../src/engines/docker/docker.ts";
import { type Environment, runProcess } from "../../../src/engines/processes.ts";
import { contextOf, type EngineUnderTest, engineContract, readyBuild, task } from "../../contracts/engine.ts";
import { science } from "../../support/literal.ts";
import { engineEnvironment, testWorld } from "../../support/world.ts";

const world = testWorld();
const modern = engineEnvironment(world.modern);
const root = mkdtempSync(join(tmpdir(), "docker-test-"));
process.env["TMPDIR"] = join(root, "tmp");
mkdirSync(join(root, "tmp"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const withClient = (client: string, more: Environment): Environment => ({
  ...process.env,
  ...more,
  PATH: `${dirname(client)}:${process.env["PATH"] ?? ""}`,
});

const builders: Record<string, Environment> = {
  "BuildKit in an engine of 20.10": withClient(world.engine.client, engineEnvironment(world.engine)),
  "the classic builder": withClient(world.engine.client, { ...engineEnvironment(world.engine), DOCKER_BUILDKIT: "0" }),
  buildx: withClient(world.modern.client, modern),
  ...(world.otherClient
    ? { "a client without buildx": withClient(world.otherClient, { ...modern, DOCKER_CONFIG: root }) }
    : {}),
};

describe.each(Object.entries(builders))("docker with %s", (name, environment) => {
  const repo = `${world.registry}/docker-test-${process.pid}-${name.replace(/\W+/g, "").toLowerCase()}`;
  const engine = createDockerEngine(environment);
  const under: EngineUnderTest = {
    engine,
    repo,
    base: world.base,
    network: "host",
    root,
    async digestInRegistry(reference) {
      const [, repository, tag] = /^[^/]+\/(.*):([^:]*)$/.exec(reference) ?? [];
      const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
      const answer = await fetch(`http://${world.registry}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
      return answer.headers.get("docker-content-digest") ?? undefined;
    },
  };

  engineContract(async () => under, true);

  const lines = async (reference: string, command: string): Promise<string[]> => {
    const log = task();
    await engine.containers?.run({ image: reference, command: ["/bin/sh", "-c", command], network: "none" }, log);
    return log.text().split("\n").slice(1, -1);
  };

  it("sends files with fixed modes, times and owners, and nothing of its own", async () => {
    makeFiles(`science/context-${repo.length}`);
    const context = await contextOf(root, `science/context-${repo.length}`);
    const ready = readyBuild(under, "files", `FROM ${world.base}\nCOPY . /x/\n`, { context });
    const image = await engine.build(ready, task());
    expect(
      await lines(image.reference, "cd /x && find . -type f -o -type l | sort | xargs stat -c '%n %a %u:%g %Y'"),
    ).toEqual(["./a.txt 644 0:0 499132800", "./d/run.sh 755 0:0 499132800", "./link 777 0:0 499132800"]);
  });

  it("sends each build its own files, also where those of another have the same names and lengths", async () => {
    for (const text of ["one", "two"]) {
      const folder = `science/same-${repo.length}-${text}`;
      makeFiles(folder);
      writeFileSync(join(root, folder, "a.txt"), text);
      const context = await contextOf(root, folder);
      const dockerfile = `FROM ${world.base}\nLABEL of=${text}\nCOPY . /x/\n`;
      const image = await engine.build(readyBuild(under, `same-${text}`, dockerfile, { context }), task());
      expect(await lines(image.reference, "cat /x/a.txt && echo")).toEqual([text]);
    }
  });

  it("copies from folders that layers share and mounts them, with nothing of them in the context", async () => {
    const folder = `shared/${repo.length}-${name.length}`;
    makeFiles(folder);
    writeFileSync(join(root, folder, "note.log"), "dropped");
    const ignore = { path: `${folder}/.dockerignore`, text: "*.log\n" };
    writeFileSync(join(root, folder, ".dockerignore"), ignore.text);
    const dockerfile = [
      `FROM ${world.base}`,
      "COPY --from=scripts . /x/",
      // The classic builder knows no mounts.
      ...(!/^build/i.test(name) ? [] : ["RUN --mount=type=bind,from=scripts,target=/m cp /m/a.txt /mounted"]),
      "COPY . /own/",
      "",
    ].join("\n");
    const plain = science("x", { dockerfile: { path: "science/x/Dockerfile", text: dockerfile } });
    const folders = [{ name: "scripts", directory: folder, ignore, uses: [] }];
    const { contexts = [] } = linkFolders({ ...plain, contexts: folders }, parseDockerfile(dockerfile));
    const files = await contextOf(root, folder);
    const { contexts: shared, edits } = sharedContexts({ ...plain, contexts }, () => files);
    const whole = { start: 0, end: dockerfile.length };
    const { text } = cutPiece(sourcePiece(plain.dockerfile), whole, edits);
    makeFiles(`science/sharing-${repo.length}`);
    const context = await contextOf(root, `science/sharing-${repo.length}`);
    const ready = readyBuild(under, "sharing", text, { context });
    const asked = { ...ready, build: { ...ready.build, contexts: shared } };
    const find = "find /x /own -type f -o -type l | sort | xargs stat -c '%n %a %u:%g %Y'";
    const told = await lines((await engine.build(asked, task())).reference, find);
    expect(told).toEqual([
      ...["a.txt 644", "d/run.sh 755", "link 777"].map((each) => `/own/${each} 0:0 499132800`),
      ...[".dockerignore 644", "a.txt 644", "d/run.sh 755", "link 777"].map((each) => `/x/${each} 0:0 499132800`),
    ]);
    if (name !== "buildx") return;
    // The same by BuildKit's own named contexts.
    const own = `${repo}/named:1`;
    await withArchive(root, files, async (named) => {
      const flags = ["--builder", "default", "--network", "host", "--build-context", `scripts=${named}`, "--tag", own];
      writeFileSync(join(root, "Named"), dockerfile);
      const at = [...flags, "--file", join(root, "Named"), join(root, `science/sharing-${repo.length}`)];
      const signal = AbortSignal.timeout(60_000);
      const { code, stderr } = await runProcess(["docker", "buildx", "build", ...at], { environment, signal });
      expect([code, stderr]).toEqual([0, stderr]);
    });
    expect((await lines(own, find)).filter((each) => each.startsWith("/x"))).toEqual(
      told.filter((each) => each.startsWith("/x")),
    );
  });

  it("pulls a base of others and builds on it by its digest", async () => {
    const pulled = await engine.store?.pull(world.base, task());
    expect(pulled?.manifest).toMatch(/^sha256:/);
    const text = `FROM docker.io/library/${world.base}@${pulled?.manifest}\nENV A=2\n`;
    await engine.build(readyBuild(under, "by-digest", text), task());
  });

  it("makes declared users and folders as the rule says", async () => {
    const user = { name: "idies", uid: 1000, gid: 1001, group: "grp", home: "/home/idies", shell: "/bin/bash" };
    const directories = [
      { path: "/srv/it's/deep", mode: 0o1770 },
      { path: "/tmp", owner: "mail", mode: 0o1777 },
    ];
    const section = { layer: "x", user, owner: user, directories };
    const passwd = (await lines(world.base, "cat /etc/passwd")).join("\n");
    const group = (await lines(world.base, "cat /etc/group")).join("\n");
    const expected = applyDeclared(section, { passwd: `${passwd}\n`, group: `${group}\n` });
    const text = `FROM ${world.base}\nUSER 33\n${declaredInstructions(section, "33")}RUN test "$(id -u)" = 33\n`;
    const { reference } = await engine.build(readyBuild(under, "declared", text), task());
    expect(`${(await lines(reference, "cat /etc/passwd")).join("\n")}\n`).toBe(expected.accounts.passwd);
    expect(`${(await lines(reference, "cat /etc/group")).join("\n")}\n`).toBe(expected.accounts.group);
    expect(await lines(reference, `stat -c '%u:%g %a %n' /home/idies "/srv/it's/deep" /tmp /srv`)).toEqual([
      ...expected.directories.map(({ uid, gid, mode, path }) => `${uid}:${gid} ${mode.toString(8)} ${path}`),
      "0:0 755 /srv",
    ]);
  });

  it("leaves nothing behind", async () => {
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });

  it("hands arguments and labels on as they are", async () => {
    const labels = { "org.example.a": `it's "2" $X`, b: "a\tb" };
    const text = `FROM ${world.base}\nARG A\nRUN test "$A" = 'x y $Z'\n`;
    const ready = readyBuild(under, "args", text, { labels });
    const image = await engine.build({ ...ready, build: { ...ready.build, args: { A: "x y $Z" } } }, task());
    const { stdout } = await runProcess(
      ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", image.reference],
      {
        environment,
        signal: new AbortController().signal,
      },
    );
    expect(JSON.parse(stdout)).toEqual(labels);
  });

  it("pushes an image and no index", async () => {
    const image = await engine.build(readyBuild(under, "plain", `FROM ${world.base}\nENV A=1\n`), task());
    await engine.push(image, image.reference, task());
    const answer = await fetch(
      `http://${world.registry}/v2/${repo.slice(world.registry.length + 1)}/plain/manifests/1.0-1-abc`,
      {
        headers: {
          accept: "*/*, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json",
        },
      },
    );
    expect(await answer.json()).toHaveProperty("config");
  });

  it("says the last lines of what failed", async () => {
    const ready = readyBuild(under, "broken", `FROM ${world.base}\nRUN echo the reason >&2; exit 3\n`);
    const failure = await engine.build(ready, task()).catch((each: unknown) => each);
    expect(failure).toBeInstanceOf(FailedError);
    expect(JSON.stringify((failure as FailedError).diagnostics)).toContain("the reason");
  });

  // Which would run for longer than the test may.
  it("stops a build and a test at once, with what runs in them", { timeout: 50_000 }, async () => {
    const controller = new AbortController();
    const log = task(controller.signal);
    const ready = readyBuild(under, "slow", `FROM ${world.base}\nRUN echo begun-${process.pid} && sleep 61\n`, {
      noCache: true,
    });
    const building = engine.build(ready, log);
    await until(() => /begun-\d+\s/.test(log.text().replace(/.*sleep.*/g, "")) || /Running in/.test(log.text()));
    controller.abort(new Error("enough"));
    await expect(building).rejects.toThrow("enough");
  });
});

/** The files of a context as a folder, as an archive of them has them. */
async function withArchive(
  from: string,
  files: Parameters<typeof writeArchive>[2],
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(root, "named-"));
  await writeArchive(`${folder}.tar`, from, files, new AbortController().signal);
  const tar = ["tar", "--extract", "--file", `${folder}.tar`, "--directory", folder];
  await runProcess(tar, { environment: process.env, signal: AbortSignal.timeout(10_000) });
  await use(folder);
}

function makeFiles(folder: string): void {
  mkdirSync(join(root, folder, "d"), { recursive: true });
  writeFileSync(join(root, folder, "a.txt"), "a", { mode: 0o666 });
  chmodSync(join(root, folder, "a.txt"), 0o664);
  writeFileSync(join(root, folder, "d/run.sh"), "b");
  chmodSync(join(root, folder, "d/run.sh"), 0o775);
  symlinkSync("../../etc/passwd", join(root, folder, "link"));
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(condition()).toBe(true);
}
