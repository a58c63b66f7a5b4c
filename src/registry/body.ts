import type { Readable } from "node:stream";

/** A whole body of at most `limit` bytes that has to be there within `time` milliseconds, however it trickles in. */
export async function readShort(body: Readable, limit: number, time: number): Promise<Buffer> {
  const timer = setTimeout(() => body.destroy(new Error(`the answer is not complete after ${time} ms`)), time);
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limit) throw new Error(`the answer is longer than ${limit} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts, size);
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}

/** Fails when `stall` milliseconds of waiting bring less than this many bytes for each of them. */
const slowest = 1;

/** A long body as it comes. The time that its reader takes does not count, only the time spent waiting for more. */
export async function* readSteadily(body: Readable, stall: number): AsyncGenerator<Buffer> {
  const parts = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let waited = 0;
  let arrived = 0;
  try {
    for (;;) {
      const since = performance.now();
      const next = await parts.next();
      if (next.done) return;
      waited += performance.now() - since;
      arrived += next.value.length;
      if (waited > stall) {
        if (arrived < waited * slowest) throw new Error(`only ${arrived} bytes came in ${Math.round(waited)} ms`);
        waited = 0;
        arrived = 0;
      }
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}
