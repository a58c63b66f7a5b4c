import type { WithdrawnImage } from "../catalogue/model.ts";
import { journalFolder } from "../publish/journal.ts";
import { publishedByRun } from "../publish/published-by-run.ts";
import { undoWithdrawal, type Withdrawal, withdrawImage } from "../records/withdraw.ts";
import { everything, type Session } from "./session.ts";

export interface WithdrawRequest {
  /** A build by its unique tag, or by a stable tag, which means the build that it holds now. */
  readonly image: string;
  /** For users to read. */
  readonly reason: string;
  readonly replacement?: string | undefined;
}

/** Writes into `image-builder.json` that a build must not be used any more. */
export async function withdraw(session: Session, request: WithdrawRequest): Promise<Withdrawal> {
  const { catalogue } = await session.read(everything);
  const { image, reason, replacement } = request;
  const today = new Date().toISOString().slice(0, 10);
  const said = { today, reason, ...(replacement !== undefined && { replacement }) };
  const registries = await session.asking();
  return withdrawImage(image, { catalogue, registries, signal: session.signal, ...said }).finally(() =>
    session.forget(),
  );
}

/**
 * Withdraws every users' image that a run of this clone published, by the name that the run printed. Throws `RefusedError` for a run
 * that is unknown or published none.
 */
export async function withdrawRun(
  session: Session,
  run: string,
  words: Omit<WithdrawRequest, "image">,
): Promise<readonly Withdrawal[]> {
  const { repo } = (await session.catalogue()).settings;
  const { gitDir } = await session.repository();
  const builds = await publishedByRun(run, { repo, folder: journalFolder(gitDir), registries: await session.asking() });
  const done: Withdrawal[] = [];
  for (const image of builds) done.push(await withdraw(session, { ...words, image }));
  return done;
}

/** Takes a withdrawal back, and returns the entry that is gone. Needs no registry. */
export async function endWithdrawal(session: Session, image: string): Promise<WithdrawnImage> {
  return undoWithdrawal(image, await session.catalogue()).finally(() => session.forget());
}
