import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { RegistryFailure } from "./failures.ts";

/** So many failures in a row, without one good answer between them, are the registry's and not an image's. */
const enough = 6;

/**
 * One registry while many images are asked for. When it is down it is not waited for again and again: the first question
 * goes ahead of the others, and what it was told stands for all.
 */
export class Host {
  /** What the registry's failure is, once it counts as down. */
  down: Diagnostic | undefined;
  #first: Promise<unknown> | undefined;
  #failures = 0;
  readonly #firstDecides: boolean;

  /** Without `firstDecides` no single question makes the registry count as down: it takes several in a row. */
  constructor({ firstDecides = true }: { readonly firstDecides?: boolean } = {}) {
    this.#firstDecides = firstDecides;
  }

  /** Throws what the question throws, or the failure that the registry is known for. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#firstDecides && this.#first === undefined) {
      const first = this.#try(question, true);
      this.#first = first.catch(() => undefined);
      return first;
    }
    await this.#first;
    if (this.down) throw new FailedError([this.down]);
    return this.#try(question, false);
  }

  async #try<T>(question: () => Promise<T>, isFirst: boolean): Promise<T> {
    try {
      const answer = await question();
      this.#failures = 0;
      return answer;
    } catch (cause) {
      this.#count(cause, isFirst);
      throw cause;
    }
  }

  /** What a registry says about one image, such as that it may not be read, says nothing about others. */
  #count(cause: unknown, isFirst: boolean): void {
    if (!(cause instanceof RegistryFailure) || !(cause.temporary || cause.status === undefined)) return;
    this.#failures += 1;
    if ((isFirst && cause.status === undefined) || this.#failures >= enough) this.down ??= cause.diagnostics[0];
  }
}
