import type { WithdrawnImage } from "../catalogue/model.ts";
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

/** Takes a withdrawal back, and returns the entry that is gone. Needs no registry. */
export async function endWithdrawal(session: Session, image: string): Promise<WithdrawnImage> {
  return undoWithdrawal(image, await session.catalogue()).finally(() => session.forget());
}
