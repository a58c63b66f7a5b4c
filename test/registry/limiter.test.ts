import { describe, expect, it } from "vitest";
import { Limiter } from "../../src/registry/limiter.ts";

describe("a limiter", () => {
  it("lets so many in at a time, in the order they came, also after some have waited", async () => {
    const limiter = new Limiter(2);
    const order: number[] = [];
    let now = 0;
    let most = 0;
    const work = async (name: number): Promise<void> => {
      const release = await limiter.take();
      order.push(name);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      release();
      release();
    };
    await Promise.all([1, 2, 3, 4, 5].map(work));
    await Promise.all([6, 7, 8, 9].map(work));
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(2);
  });

  it("lets who is interrupted go without taking a place", async () => {
    const limiter = new Limiter(1);
    const abort = new AbortController();
    const release = await limiter.take();
    const waiting = limiter.take(abort.signal);
    const next = limiter.take();
    abort.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
    await expect(limiter.take(abort.signal)).rejects.toThrow("interrupted");
    release();
    expect(await next).toBeTypeOf("function");
  });
});
