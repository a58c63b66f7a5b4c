import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { random, roundsOf } from "../rounds/world.ts";
import { compile, type Ended, type Executable } from "../support/executable.ts";
import { dataLayers, type Operator, operator } from "./operator.ts";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** Three commits, of which two are published: both change the image `a` and the interface. */
class Story {
  private constructor(
    readonly world: Operator,
    readonly temporary: string,
    readonly commits: readonly string[],
    readonly told: string[] = [],
  ) {}

  static async begin(): Promise<Story> {
    const world = await operator(dataLayers("a", "b"));
    const temporary = join(world.made.path, ".git/temporary");
    mkdirSync(temporary);
    const version = (number: number) =>
      world.made.commit({ "science/a/data": `${number}\n`, "compat/jupyter/Dockerfile": `ENV PORT=${number}\n` });
    const commits = [version(1)];
    await world.push({ since: "all" });
    commits.push(version(2));
    await world.push({ since: "all" });
    commits.push(version(3));
    return new Story(world, temporary, commits);
  }

  unique(build: 1 | 2 | 3): string {
    return `1.0-${build + 1}-${this.commits[build - 1]?.slice(0, 7)}`;
  }

  /** The program in a process of its own; `kill` gets it at its first request. */
  async run(clone: string, args: readonly string[], kill?: (end: () => void) => () => void): Promise<Ended> {
    const env = {
      ...process.env,
      TMPDIR: this.temporary,
      XDG_STATE_HOME: join(clone, ".git/state"),
      XDG_CACHE_HOME: join(clone, ".git/cache"),
    };
    const child = spawn(process.execPath, [executable.main, ...args], { cwd: clone, env });
    const stop = kill?.(() => child.kill("SIGKILL"));
    const ended = new Promise<number | null>((done) => child.on("close", done));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    stop?.();
    this.told.push(`${args.join(" ")} in ${clone === this.world.made.path ? "the clone" : "a fresh clone"}: ${code}`);
    if (code !== 0) this.told.push(err.split("\n").slice(0, 4).join("\n"));
    return { pid: child.pid, code, out, err };
  }

  /** Ends the program with SIGKILL so many milliseconds after a request, of which the registry still does what it asks, or not. */
  killedAt(request: number, isDone: boolean, after: number): (end: () => void) => () => void {
    const { faults } = this.world.registry;
    return (end) => {
      let seen = 0;
      let isDead = false;
      faults.push((asked) => {
        seen += 1;
        if (seen === request) {
          if (after > 0) void wait(after).then(end);
          else {
            isDead = true;
            end();
          }
        }
        if (!isDead || (seen === request && isDone)) return false;
        asked.socket.destroy();
        return true;
      });
      return () => void faults.splice(0, faults.length);
    };
  }

  /** The commits that what users get of `a`, and the science image beside it, were built from. */
  a(): { readonly users: string | undefined; readonly science: string | undefined } {
    return { users: this.world.holds("rel/a:1.0"), science: this.world.holds("sci/a:1.0") };
  }

  get isTorn(): boolean {
    const { users, science } = this.a();
    return users !== science;
  }

  changeB(): void {
    this.world.made.commit({ "science/b/data": "other\n" });
  }

  expectA(unique: string, code: number | null): void {
    expect({ ...this.a(), code }, this.told.join("\n")).toEqual({ users: unique, science: unique, code: 0 });
  }

  expectNot(unique: string): void {
    expect(this.a().users, this.told.join("\n")).not.toBe(unique);
  }

  /** What was published last is there; what is not of one build is not called current; and nothing lies about. */
  async expectRightOrNamed(clone: string, last: Ended): Promise<void> {
    if (last.code === 0) expect(this.world.holds("sci/b:1.0"), this.told.join("\n")).toMatch(/^1\.0-5-/);
    if (this.isTorn) {
      const { out } = await this.run(clone, ["status", "-q"]);
      expect(out, this.told.join("\n")).toMatch(/^a 1\.0 +\S/m);
      expect(out, this.told.join("\n")).not.toMatch(/^a 1\.0 +current/m);
    }
    expect(readdirSync(this.temporary), this.told.join("\n")).toEqual([]);
  }
}

const push = ["build", "--push", "--since", "published", "-q"];
const since = ["build", "--push", "--since", "HEAD^", "-q"];
const back = (story: Story) => ["rollback", "a:1.0", "--to", story.unique(1), "-q"];
const gone = (story: Story) => ["withdraw", `a:${story.unique(3)}`, "--reason", "bad", "-q"];

type Verb = "publish" | "rollback" | "withdraw";
const verbs: readonly Verb[] = ["publish", "rollback", "withdraw"];
const asked: Record<Verb, (story: Story) => readonly string[]> = {
  publish: () => push,
  rollback: back,
  withdraw: gone,
};

/** About as many requests as each makes. */
const requests: Record<Verb, number> = { publish: 70, rollback: 20, withdraw: 6 };

/** One command is killed, another one is tried, and then something else is published: here and there from a fresh clone. */
async function round(seed: number): Promise<void> {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const story = await Story.begin();
  const { path } = story.world.made;
  const clone = () => (next() < 0.5 ? path : story.world.clone().made.path);
  const killed = pick(verbs);
  if (killed !== "publish") await story.run(path, push);
  const at = 1 + Math.floor(next() * requests[killed]);
  await story.run(path, asked[killed](story), story.killedAt(at, next() < 0.5, pick([0, 0, 0, 2, 10])));
  story.told.push(`… killed at request ${at}: ${JSON.stringify(story.a())}`);
  JSON.parse(readFileSync(join(path, "image-builder.json"), "utf8"));
  const then = pick(verbs);
  const before = story.a().users;
  const done = await story.run(then === "withdraw" ? path : clone(), asked[then](story));
  story.changeB();
  const last = await story.run(clone(), pick([push, since]));
  if (then === "rollback") story.expectA(story.unique(1), done.code);
  if (then === "withdraw" && done.code === 0 && before !== story.unique(3)) story.expectNot(story.unique(3));
  await story.expectRightOrNamed(path, last);
}

describe("a process that is killed while it publishes, rolls back or withdraws", { timeout: 3_600_000 }, () => {
  it("leaves what the next commands make right, or say", async () => {
    for (let seed = 1; seed <= roundsOf(60); seed += 1) await round(seed);
  });
});
