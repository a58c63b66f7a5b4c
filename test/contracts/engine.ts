import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import type { ImageBuild } from "../../src/compose/model.ts";
import { sourcePiece } from "../../src/compose/text-pieces.ts";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { readContexts } from "../../src/engines/context.ts";
import type { BuiltImage, Engine, ReadyBuild, Task } from "../../src/engines/model.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { onDisk } from "../support/on-disk.ts";

export interface EngineUnderTest {
  readonly engine: Engine;
  /** Prefix of repositories that it may build and push, of this run alone. */
  readonly repo: string;
  /** An image that it can build on. */
  readonly base: string;
  readonly network?: string;
  /** A folder to make the context in. */
  readonly root: string;
  /** Digest that the registry has under a reference; undefined where the engine has no registry. */
  readonly digestInRegistry?: (reference: string) => Promise<string | undefined>;
}

/** What every engine does, whatever is behind it. `takesRun`: instructions and tests can run in containers. */
export function engineContract(open: () => Promise<EngineUnderTest>, takesRun: boolean): void {
  it("says what it is", async () => {
    const { engine } = await open();
    expect((await engine.probe()).description).toMatch(/\w/);
  });

  it("builds an image under its unique tag, and the next on that", async () => {
    const world = await open();
    const parent = await world.engine.build(readyBuild(world, "parent", `FROM ${world.base}\nENV A=1\n`), task());
    expect(parent.reference).toBe(`${world.repo}/parent:1.0-1-abc`);
    expect(parent.config).toMatch(/^sha256:[0-9a-f]{64}$/);
    const child = await world.engine.build(readyBuild(world, "child", `FROM ${baseOf(parent)}\nENV B=1\n`), task());
    expect(child.config).not.toBe(parent.config);
  });

  it("makes an image of other labels another image", async () => {
    const world = await open();
    const text = `FROM ${world.base}\nENV A=1\n`;
    const one = await world.engine.build(readyBuild(world, "labelled", text, { labels: { a: "1" } }), task());
    const two = await world.engine.build(readyBuild(world, "labelled", text, { labels: { a: "it's 2 $A" } }), task());
    expect(two.config).not.toBe(one.config);
  });

  it("pushes what it has built and says its digest", async () => {
    const world = await open();
    const image = await world.engine.build(readyBuild(world, "pushed", `FROM ${world.base}\nENV A=1\n`), task());
    const digest = await world.engine.push(image, image.reference, task());
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    if (world.digestInRegistry) expect(await world.digestInRegistry(image.reference)).toBe(digest);
  });

  it("builds on what it has pushed, named by tag and digest", async () => {
    const world = await open();
    const image = await world.engine.build(readyBuild(world, "below", `FROM ${world.base}\nENV A=1\n`), task());
    const digest = await world.engine.push(image, image.reference, task());
    const above = readyBuild(world, "above", `FROM ${image.reference}@${digest}\nENV B=1\n`);
    expect((await world.engine.build(above, task())).config).not.toBe(image.config);
  });

  it("fails on a base that is not there, and says so", async () => {
    const world = await open();
    const ready = readyBuild(world, "orphan", `FROM ${world.repo}/nothing:1\nENV A=1\n`);
    const failure = await world.engine.build(ready, task()).catch((each: unknown) => each);
    expect(failure).toBeInstanceOf(FailedError);
    expect((failure as FailedError).message).toContain("science/orphan");
  });

  it("does nothing when it is stopped before it begins", async () => {
    const world = await open();
    const stopped = { ...task(), signal: AbortSignal.abort(new Error("stopped")) };
    await expect(world.engine.build(readyBuild(world, "never", `FROM ${world.base}\n`), stopped)).rejects.toThrow(
      "stopped",
    );
  });

  if (takesRun) runContract(open);
}

function runContract(open: () => Promise<EngineUnderTest>): void {
  it("fails with an instruction that fails, and says where it stands in the catalogue", async () => {
    const world = await open();
    const ready = readyBuild(world, "broken", `FROM ${world.base}\nENV A=1\n\nRUN false\nENV B=1\n`);
    const failure = await world.engine.build(ready, task()).catch((each: unknown) => each);
    expect(failure).toBeInstanceOf(FailedError);
    expect((failure as FailedError).diagnostics[0]).toMatchObject({
      at: { file: "science/broken/Dockerfile", line: 4, column: 1 },
      excerpt: { text: "RUN false", length: 9 },
    });
  });

  it("runs a test in what it has built", async () => {
    const world = await open();
    const image = await world.engine.build(readyBuild(world, "tested", `FROM ${world.base}\nENV A=1\n`), task());
    const { containers } = world.engine;
    const run = (command: string) =>
      containers?.run({ image: image.reference, command: ["/bin/sh", "-c", command], network: "none" }, task());
    expect(await run('test "$A" = 1')).toMatchObject({ code: 0 });
    expect(await run("false")).toMatchObject({ code: 1 });
  });

  it("knows what its store holds", async () => {
    const world = await open();
    const image = await world.engine.build(readyBuild(world, "stored", `FROM ${world.base}\nENV A=1\n`), task());
    expect((await world.engine.store?.inspect(image.reference))?.config).toBe(image.config);
    expect(await world.engine.store?.inspect(`${world.repo}/nothing:1`)).toBeUndefined();
    await expect(world.engine.store?.pull(`${world.repo}/nothing:1`, task())).rejects.toThrow(FailedError);
  });
}

export function task(signal: AbortSignal = new AbortController().signal): Task & { text(): string } {
  const log = new PassThrough();
  let text = "";
  log.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { log, signal, text: () => text };
}

const baseOf = (image: BuiltImage): string =>
  image.manifest ? `${image.reference.replace(/:[^:/]*$/, "")}@${image.manifest}` : image.reference;

export function readyBuild(
  { repo, root, network }: Pick<EngineUnderTest, "repo" | "root" | "network">,
  name: string,
  dockerfile: string,
  more: Partial<ReadyBuild> = {},
): ReadyBuild {
  const template = sourcePiece({ path: `science/${name}/Dockerfile`, text: dockerfile });
  const build: ImageBuild = {
    id: `science/${name}`,
    kind: "science",
    tags: [`${repo}/${name}:1.0-1-abc`, `${repo}/${name}:1.0`],
    dependsOn: [],
    dockerfile: template,
    context: [],
    args: {},
    labels: {},
    runLabels: [],
    inputs: sha256Digest(dockerfile),
    test: [],
  };
  return {
    build,
    root,
    dockerfile,
    declared: [],
    origins: template.origins,
    context: [],
    labels: {},
    created: 1_700_000_000,
    noCache: false,
    ...(network === undefined ? {} : { network }),
    ...more,
  };
}

/** The files of a folder below the root, as a context. */
export const contextOf = async (root: string, directory: string) =>
  (await readContexts(root, [directory], onDisk(root, [directory])))[directory] ?? [];
