import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { printableLine } from "../diagnostics/printable.ts";
import { git, gitOrFail } from "./process.ts";

/**
 * A lock that all clones of a remote see: a ref that is pushed with a lease, so that of two who want it one is refused by the
 * server (https://git-scm.com/docs/git-push, `--force-with-lease`). It names its holder and expires, and is renewed meanwhile.
 */
export interface RemoteLock {
  /** Throws `FailedError` when it is not this run's any more. Ask before what needs it. */
  check(): Promise<void>;
  /** Throws nothing: a lock that cannot be given back expires. */
  release(): Promise<void>;
}

interface RemoteLockOptions {
  /** Whoever waits for it reads this. */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** Told once, when somebody else has it. */
  readonly waiting?: (holder: string, expires: string) => void;
  /** Milliseconds to wait for it, 15 minutes when not said. */
  readonly patience?: number;
  /** Milliseconds after which it expires if it is not renewed, 5 minutes when not said. */
  readonly lifetime?: number;
}

const lockRef = "refs/image-builder/publishing";

const minute = 60_000;

/** Waits for the lock. Throws `FailedError` when it takes longer than `patience`, and `RefusedError` without a remote. */
export async function lockRemote(root: string, options: RemoteLockOptions): Promise<RemoteLock> {
  const remote = await remoteOf(root);
  const until = Date.now() + (options.patience ?? 15 * minute);
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    const there = await hashAt(root, remote);
    const note = there === undefined ? undefined : await readNote(root, remote, there);
    if (there === undefined || note === undefined || Date.parse(note.expires) < Date.now()) {
      const own = await writeNote(root, options);
      if (await replace(root, remote, there, own)) return held(root, remote, own, options);
    } else {
      if (!told) options.waiting?.(note.holder, note.expires);
      told = true;
      if (Date.now() > until) throw new FailedError([stillHeld(remote, note)]);
    }
    await sleep(500 + Math.random() * 1000, undefined, { signal: options.signal });
  }
}

function held(root: string, remote: string, first: string, options: RemoteLockOptions): RemoteLock {
  let own = first;
  let lost: unknown;
  const renew = async (): Promise<void> => {
    const next = await writeNote(root, options);
    if (await replace(root, remote, own, next)) own = next;
    else lost = new FailedError([notOurs(remote)]);
  };
  let renewing = Promise.resolve();
  const timer = setInterval(
    () => {
      // What fails now may work the next time: two of three are to spare before it expires.
      renewing = renewing.then(renew).catch(() => undefined);
    },
    Math.max(1000, (options.lifetime ?? 5 * minute) / 3),
  );
  timer.unref();
  return {
    async check() {
      await renewing;
      if (lost !== undefined) throw lost;
      if ((await hashAt(root, remote)) !== own) throw new FailedError([notOurs(remote)]);
    },
    async release() {
      clearInterval(timer);
      await renewing;
      await replace(root, remote, own, undefined).catch(() => undefined);
    },
  };
}

/** `origin` where there is one, else the only one. */
async function remoteOf(root: string): Promise<string> {
  const names = (await gitOrFail(root, ["remote"]))
    .toString("utf8")
    .split("\n")
    .filter((each) => each !== "");
  const chosen = names.includes("origin") ? "origin" : names.length === 1 ? names[0] : undefined;
  if (chosen !== undefined) return chosen;
  throw new RefusedError([
    error("no-remote", "--lock git keeps its lock in a remote repository, and it is not clear in which", {
      notes: [{ message: names.length === 0 ? "this clone has no remote" : `remotes: ${names.join(", ")}` }],
      help: "git remote add origin ADDRESS",
    }),
  ]);
}

async function hashAt(root: string, remote: string): Promise<string | undefined> {
  const listed = await gitOrFail(root, ["ls-remote", remote, lockRef]);
  return /^([0-9a-f]{40,64})\t/.exec(listed.toString("latin1"))?.[1];
}

const noteSchema = z.object({ holder: z.string(), expires: z.iso.datetime() });

type Note = z.infer<typeof noteSchema>;

/** Undefined for what is no note of ours, and for one that is gone by now. */
async function readNote(root: string, remote: string, hash: string): Promise<Note | undefined> {
  await git(root, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", remote, lockRef]);
  const { code, stdout } = await git(root, ["cat-file", "commit", hash]);
  const text = stdout.toString("utf8");
  if (code !== 0) return { holder: "somebody", expires: new Date(Date.now() + minute).toISOString() };
  try {
    const { holder, expires } = noteSchema.parse(JSON.parse(text.slice(text.indexOf("\n\n") + 2)));
    return { holder: printableLine(holder.slice(0, 200)), expires };
  } catch {
    return undefined;
  }
}

/** A commit of nothing: servers take those for any ref. */
async function writeNote(root: string, { holder, lifetime = 5 * minute }: RemoteLockOptions): Promise<string> {
  const tree = (await gitOrFail(root, ["mktree"], "")).toString("latin1").trim();
  const note: Note = { holder, expires: new Date(Date.now() + lifetime).toISOString() };
  const author = ["-c", "user.name=image-builder", "-c", "user.email=image-builder@localhost"];
  const made = await gitOrFail(root, [...author, "commit-tree", tree, "-F", "-"], JSON.stringify(note));
  return made.toString("latin1").trim();
}

/** Puts the ref from one value to another, or takes it away. False when it has another value by now. */
async function replace(
  root: string,
  remote: string,
  from: string | undefined,
  to: string | undefined,
): Promise<boolean> {
  const lease = `--force-with-lease=${lockRef}:${from ?? ""}`;
  const plain = ["--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"];
  const { code, stdout, stderr } = await git(root, ["push", ...plain, lease, remote, `${to ?? ""}:${lockRef}`]);
  if (code === 0) return true;
  if (/^!\t/m.test(stdout.toString("utf8"))) return false;
  throw new FailedError([
    error("lock-unreachable", `the lock in the remote ${remote} cannot be written`, {
      notes: [{ message: stderr.slice(0, 1000) }],
      help: "see whether git push works from here; publishing without --lock git is possible for a single pipeline",
    }),
  ]);
}

const stillHeld = (remote: string, { holder, expires }: Note) =>
  error("locked", `${holder} is publishing, and holds the lock in the remote ${remote} until ${expires}`, {
    help: `wait for its end, or if it is dead: git push ${remote} :${lockRef}`,
  });

const notOurs = (remote: string) =>
  error("lock-lost", `the lock in the remote ${remote} is not this run's any more`, {
    notes: [{ message: "it expired, or somebody took it away" }],
    help: "run it again; nothing is built twice",
  });
