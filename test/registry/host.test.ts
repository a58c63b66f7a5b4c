import { describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { RegistryFailure } from "../../src/registry/failures.ts";
import { Host } from "../../src/registry/host.ts";

const failure = (status: number | undefined, temporary: boolean) =>
  new RegistryFailure({
    code: "x",
    message: `status ${status}`,
    notes: [],
    temporary,
    ...(status !== undefined && { status }),
  });

/** Asks so many times at once and counts the questions that reached the registry. */
async function ask(
  host: Host,
  times: number,
  answer: () => Promise<unknown>,
): Promise<{ asked: number; failed: number }> {
  let asked = 0;
  const question = () => {
    asked += 1;
    return answer();
  };
  const settled = await Promise.allSettled(Array.from({ length: times }, () => host.ask(question)));
  return { asked, failed: settled.filter(({ status }) => status === "rejected").length };
}

describe("a registry that many images are asked for", () => {
  it("is asked once when it gives no answer, and its words stand for all images", async () => {
    const host = new Host();
    expect(await ask(host, 100, () => Promise.reject(failure(undefined, true)))).toEqual({ asked: 1, failed: 100 });
    expect(host.down?.message).toBe("status undefined");
    await expect(host.ask(() => Promise.resolve(1))).rejects.toBeInstanceOf(FailedError);
  });

  it("is given up when it can do nothing now for one image after the other", async () => {
    const host = new Host();
    for (let at = 0; at < 20; at += 1) await ask(host, 1, () => Promise.reject(failure(503, true)));
    expect(host.down?.message).toBe("status 503");
  });

  it("goes on being asked when it fails for some images only", async () => {
    const host = new Host();
    for (let at = 0; at < 20; at += 1) {
      await ask(host, 1, () => (at % 3 === 0 ? Promise.resolve(1) : Promise.reject(failure(500, true))));
    }
    expect(host.down).toBeUndefined();
  });

  it("goes on being asked when it refuses images, or gives nonsense for them", async () => {
    const host = new Host();
    expect(await ask(host, 20, () => Promise.reject(failure(403, false)))).toEqual({ asked: 20, failed: 20 });
    expect(await ask(host, 20, () => Promise.reject(new FailedError([])))).toEqual({ asked: 20, failed: 20 });
    expect(host.down).toBeUndefined();
  });
});
