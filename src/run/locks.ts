import { hostname } from "node:os";
import { warning } from "../diagnostics/diagnostic.ts";
import { lockRemote, type RemoteLock } from "../git/lock-ref.ts";
import { lockClone } from "../publish/clone-lock.ts";
import type { BuildWatch } from "./model.ts";
import type { Session } from "./session.ts";

/** What keeps other runs from moving tags meanwhile. */
export interface Locks {
  /** Throws `FailedError` when a lock was lost. Ask before tags are moved. */
  check(): Promise<void>;
  release(): Promise<void>;
}

interface LockOptions {
  /** Where journals are kept. */
  readonly folder: string;
  /** `git`: also a lock in the clone's remote, which all clones see. */
  readonly lock?: "git" | undefined;
  /** Name of the run, for those who wait. */
  readonly run: string;
}

/** Throws `RefusedError` while another run of this clone has it, and waits for one of another clone. */
export async function lockPublishing(
  session: Session,
  { folder, lock, run }: LockOptions,
  watch: Pick<BuildWatch, "warned"> = {},
): Promise<Locks> {
  const unlock = await lockClone(folder);
  const remote = lock === "git" ? await lockedRemote(session, run, watch).catch(orElse(unlock)) : undefined;
  return {
    check: async () => remote?.check(),
    release: async () => {
      await remote?.release();
      await unlock();
    },
  };
}

const orElse =
  (unlock: () => Promise<void>) =>
  async (cause: unknown): Promise<never> => {
    await unlock();
    throw cause;
  };

const lockedRemote = (session: Session, run: string, watch: Pick<BuildWatch, "warned">): Promise<RemoteLock> =>
  lockRemote(session.root, {
    holder: `run ${run} (process ${process.pid} on ${hostname()})`,
    signal: session.signal,
    waiting: (holder, expires) =>
      watch.warned?.([warning("waiting-for-lock", `waiting for ${holder}, which holds the lock until ${expires}`)]),
  });
