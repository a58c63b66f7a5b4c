import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds that work goes on before signals and timers are heard again. */
const longest = 25;

/** For long work without waiting in it: `await pauses.due()` in its loops lets others have their turn, and ends it when asked to. */
export class Pauses {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();
  #calls = 0;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Undefined, which costs no more than a call, unless it is time for a pause. */
  due(): Promise<void> | undefined {
    this.#calls += 1;
    if (this.#calls % 8 !== 0 || performance.now() - this.#since < longest) return undefined;
    return this.#pause();
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
