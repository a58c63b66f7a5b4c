import { describe, expect, it } from "vitest";
import { Limiter, mapBounded } from "../../src/registry/limiter.ts";

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

describe("working side by side", () => {
  it("keeps the order and the bound", async () => {
    let [now, most] = [0, 0];
    const work = async (item: number): Promise<number> => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setImmediate(done));
      now -= 1;
      return item * 2;
    };
    expect(await mapBounded([1, 2, 3, 4, 5], 2, work)).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
    expect(await mapBounded([], 2, work)).toEqual([]);
  });

  it("begins nothing more after a failure, and throws it when what was under way has ended", async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await new Promise((done) => setImmediate(done));
      ended.push(item);
      if (item === 1) throw new Error("one failed");
      await new Promise((done) => setTimeout(done, 5));
      ended.push(item * 10);
    };
    await expect(mapBounded([1, 2, 3, 4], 2, work)).rejects.toThrow("one failed");
    expect({ begun, ended }).toEqual({ begun: [1, 2], ended: [1, 2, 20] });
  });
});
