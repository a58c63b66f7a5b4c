import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { parseUniqueTag } from "../../src/naming/unique-tag.ts";
import { build } from "../../src/run/build.ts";
import type { BuildRequest } from "../../src/run/model.ts";
import { release, rollback } from "../../src/run/rollback.ts";
import { withdraw } from "../../src/run/withdraw.ts";
import { dataLayer } from "../run/operator.ts";
import { compatFiles, type Repository } from "../support/repository.ts";
import { type Build, ImageModel, key, same } from "./model.ts";
import { holding, killedAfter, type LongWorld, longWorld, random, roundsOf } from "./world.ts";

const names = ["a", "b"] as const;
type Name = (typeof names)[number];

const dataOf = (name: Name, version: number) => ({ [`science/${name}/data`]: `${version}\n` });
const portOf = (version: number) => ({ "compat/jupyter/Dockerfile": `ENV PORT=${version}\n` });

/** One catalogue, its registry, and beside them the model of what must be. */
class Sequence {
  readonly world: LongWorld = longWorld({
    ...dataLayer("a", "scratch"),
    ...dataLayer("b", "scratch"),
    ...dataOf("a", 1),
    ...dataOf("b", 1),
    ...compatFiles("jupyter"),
    ...portOf(1),
  });
  readonly models: Record<Name, ImageModel> = { a: new ImageModel(), b: new ImageModel() };
  readonly told: string[] = [];
  readonly #next: () => number;
  readonly #data: Record<Name, number> = { a: 1, b: 1 };
  #port = 1;
  #version = 1;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)] as T;
  }

  defined(name: Name): Build {
    return { data: this.#data[name], port: this.#port };
  }

  async step(): Promise<void> {
    const roll = this.#next();
    if (roll < 0.3) this.change();
    else if (roll < 0.5) await this.push(this.clone());
    else if (roll < 0.55) await this.pushAll();
    else if (roll < 0.65) await this.killed();
    else if (roll < 0.8) await this.rollback(this.pick(names));
    else if (roll < 0.88) await this.release(this.pick(names));
    else if (roll < 0.92) await this.refresh(this.pick(names));
    else if (roll < 0.97) await this.withdraw(this.pick(names));
    else await this.older();
  }

  /** Two builds of each image-version, so that there is something to go back to. */
  async begin(): Promise<void> {
    await this.push(this.world.origin, { since: "all" });
    this.check();
    this.change("interface");
    await this.push(this.world.origin);
    this.check();
  }

  /** The clone that has been there all along, or a fresh one. */
  clone(): Repository {
    return this.#next() < 0.6 ? this.world.origin : this.world.clone();
  }

  change(what: "a" | "b" | "interface" | "back" = this.pick(["a", "b", "interface", "back"] as const)): void {
    this.#version += 1;
    if (what === "interface") this.#port = this.#version;
    else if (what === "back") this.#port = 1 + Math.floor(this.#next() * this.#port);
    else this.#data[what] = this.#version;
    this.told.push(`change ${what}`);
    const { a, b } = this.#data;
    this.world.origin.commit({ ...dataOf("a", a), ...dataOf("b", b), ...portOf(this.#port) });
  }

  async push(clone: Repository, request: BuildRequest = { since: "published" }): Promise<void> {
    this.told.push(
      `push ${JSON.stringify(request)} from ${clone === this.world.origin ? "the old clone" : "a fresh one"}`,
    );
    const done = this.world.use(clone, (session) => build(session, { push: true, noVerdict: true, ...request }));
    if (names.some((name) => this.models[name].wouldBeWithdrawn(this.defined(name)))) {
      await expect(done, this.told.join("\n")).rejects.toBeInstanceOf(RefusedError);
      return;
    }
    await done;
    for (const name of names) this.models[name].follow(this.defined(name));
  }

  /** Of a commit of its own: under that of an earlier one, an interface may be on another science image. */
  async pushAll(): Promise<void> {
    this.world.origin.commit({}, "nothing");
    await this.push(this.clone(), { since: "all" });
  }

  /** A build that no stable tag holds. */
  async withdraw(name: Name): Promise<void> {
    const model = this.models[name];
    const others = model.published.filter((each) => model.build && !same(each, model.build));
    const tagged = others.filter((each) => !model.withdrawn.has(key(each)) && this.#tagOf(name, each) !== undefined);
    if (tagged.length === 0) return;
    const gone = this.pick(tagged);
    this.told.push(`withdraw ${name}:${this.#tagOf(name, gone)}`);
    const image = `${name}:${this.#tagOf(name, gone)}`;
    await this.world.use(this.world.origin, (session) => withdraw(session, { image, reason: "bad" }));
    this.world.origin.commit({}, "withdraw");
    model.withdrawn.add(key(gone));
  }

  #tagOf(name: Name, { data, port }: Build): string | undefined {
    return this.#tags.get(`${name} ${data} ${port}`);
  }

  /** Dies at some request; what is there then is old or new, tag by tag, and the next push must make it right. */
  async killed(): Promise<void> {
    const requests = Math.floor(this.#next() * 60);
    this.told.push(`push killed after ${requests} requests`);
    const before = killedAfter(requests);
    const verb = (session: Parameters<typeof build>[0]) =>
      build(session, { push: true, noVerdict: true, since: "published" });
    await this.world.use(this.world.origin, verb, before).catch(() => undefined);
    await this.push(this.clone());
  }

  async rollback(name: Name): Promise<void> {
    const model = this.models[name];
    const others = model.published.filter((each) => model.build && !same(each, model.build));
    if (others.length === 0) return;
    const to = this.pick(others);
    const tag = this.#tagOf(name, to);
    if (tag === undefined) return;
    this.told.push(`rollback ${name} to ${tag}`);
    const done = this.world.use(this.clone(), (session) => rollback(session, { what: `${name}:1.0`, to: tag }));
    if (model.withdrawn.has(key(to))) {
      await expect(done, this.told.join("\n")).rejects.toBeInstanceOf(RefusedError);
      return;
    }
    await done;
    model.rolledBack(to);
  }

  async release(name: Name): Promise<void> {
    this.told.push(`release ${name}`);
    const done = this.world.use(this.clone(), (session) => release(session, `${name}:1.0`));
    await done.catch((cause: unknown) => expect(cause).toBeInstanceOf(RefusedError));
    this.models[name].release();
  }

  async refresh(name: Name): Promise<void> {
    const model = this.models[name];
    if (model.build === undefined || model.isHeld || !same(model.build, this.defined(name))) return;
    this.told.push(`refresh ${name}`);
    await this.world.use(this.clone(), (session) =>
      build(session, { push: true, noVerdict: true, refresh: [`${name}:1.0`] }),
    );
  }

  /** A pipeline of the commit before is tried again: it is refused, or has nothing to do. */
  async older(): Promise<void> {
    const clone = this.world.clone();
    if (clone.git("rev-list", "--count", "HEAD") === "1") return;
    this.told.push("retry of an older commit");
    clone.git("checkout", "-q", "HEAD^");
    const verb = (session: Parameters<typeof build>[0]) =>
      build(session, { push: true, noVerdict: true, since: "all" });
    const before = names.map((name) => this.#age(name));
    const done = this.world.use(clone, verb);
    await done.then(
      () => {
        names.forEach((name, at) =>
          expect(this.#age(name), this.told.join("\n")).toBeGreaterThanOrEqual(before[at] ?? 0),
        );
        this.#adopt();
      },
      (cause: unknown) => expect(cause).toBeInstanceOf(RefusedError),
    );
  }

  /** Number of the commit that the users' image is built from. */
  #age(name: Name): number {
    const tag = holding(this.world, `rel/${name}`, "1.0")?.labels["org.opencontainers.image.version"];
    return parseUniqueTag(tag ?? "")?.count ?? 0;
  }

  /** Only where nothing newer was published: then the older commit is what users get. */
  #adopt(): void {
    for (const name of names) {
      const now = this.observed(name);
      if (now) this.models[name].settle(now);
    }
  }

  readonly #tags = new Map<string, string>();

  /** What the registry has, told by the files that the tags were built from. */
  observed(name: Name): Build | undefined {
    const [users, science] = [holding(this.world, `rel/${name}`, "1.0"), holding(this.world, `sci/${name}`, "1.0")];
    if (users === undefined || science === undefined) return undefined;
    const origin = this.world.origin;
    const show = (commit: string | undefined, file: string): number =>
      Number(/\d+/.exec(origin.git("show", `${commit}:${file}`).replace(/^ENV PORT=/, ""))?.[0]);
    const data = show(science.labels["org.opencontainers.image.revision"], `science/${name}/data`);
    const port = show(users.labels["org.opencontainers.image.revision"], "compat/jupyter/Dockerfile");
    const tag = users.labels["org.opencontainers.image.version"];
    if (tag !== undefined && !/-r\d+$/.test(tag)) this.#tags.set(`${name} ${data} ${port}`, tag);
    return { data, port };
  }

  check(): void {
    const story = this.told.join("\n");
    for (const name of names) {
      const model = this.models[name];
      const [users, science] = [holding(this.world, `rel/${name}`, "1.0"), holding(this.world, `sci/${name}`, "1.0")];
      expect(this.observed(name), `${name} after\n${story}`).toEqual(model.build);
      expect(users?.labels["org.sciserver.compat.base"] ?? "", story).toContain(science ? `@${science.digest}` : "");
    }
  }
}

const rounds = roundsOf(500);

describe(`what stable tags hold, in ${rounds} random sequences`, { timeout: 3_600_000 }, () => {
  it("is what an independent model of the rules says, after every step", async () => {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const sequence = new Sequence(seed);
      try {
        await sequence.begin();
        for (let step = 0; step < 8; step += 1) {
          await sequence.step().catch((cause: unknown) => {
            throw new Error(`seed ${seed}: ${String(cause)} after\n${sequence.told.join("\n")}`, { cause });
          });
          sequence.check();
        }
      } finally {
        sequence.world.remove();
      }
    }
  });
});
