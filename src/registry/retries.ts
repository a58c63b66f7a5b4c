import { setTimeout as wait } from "node:timers/promises";
import { isTemporaryStatus, looksLikeWebPage, RegistryFailure, retryAfter, unexpectedAnswer } from "./failures.ts";
import type { Answer, Exchange, Send } from "./http.ts";
import type { Limits } from "./model.ts";

/** Repeats what failed for a reason that passes, and throws the last failure. */
export function withRetries(send: Send, { attempts, firstWait }: Limits, signal?: AbortSignal): Send {
  return async (exchange) => {
    const limit =
      exchange.once || (exchange.body !== undefined && !(exchange.body instanceof Uint8Array)) ? 1 : attempts;
    const started = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(send, exchange);
      if (!(outcome.failure?.temporary ?? false)) return settled(outcome);
      const pause = pauseBefore(attempt, firstWait, outcome.retryAfter);
      if (attempt >= limit || performance.now() - started + pause > patience) return settled(outcome);
      await wait(pause, undefined, signal ? { signal } : {});
    }
  };
}

/** Milliseconds: doubling, spread by a quarter so that many clients do not come back at once, or what the server asks. */
export const pauseBefore = (attempt: number, firstWait: number, asked = 0): number =>
  Math.max(asked, Math.min(firstWait * 2 ** (attempt - 1), 10_000) * (0.75 + Math.random() / 2));

/** Milliseconds for all attempts. Who asks for a longer wait is not waited for: the run fails with the registry's own words. */
const patience = 120_000;

interface Outcome {
  readonly answer?: Answer;
  readonly failure?: RegistryFailure;
  readonly retryAfter?: number | undefined;
}

async function attemptOnce(send: Send, exchange: Exchange): Promise<Outcome> {
  try {
    const answer = await send(exchange);
    if (!isTemporaryStatus(answer.status) || (looksLikeWebPage(answer) && answer.status < 500)) return { answer };
    return { failure: unexpectedAnswer(answer), retryAfter: retryAfter(answer, Date.now()) };
  } catch (failure) {
    if (failure instanceof RegistryFailure) return { failure };
    throw failure;
  }
}

function settled({ answer, failure }: Outcome): Answer {
  if (answer) return answer;
  throw failure;
}
