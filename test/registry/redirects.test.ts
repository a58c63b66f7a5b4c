import { describe, expect, it } from "vitest";
import type { Exchange, Send } from "../../src/registry/http.ts";
import { followRedirects } from "../../src/registry/redirects.ts";

/** Answers with a redirect to each of these in turn, then with 200. */
function redirecting(...locations: string[]): { send: Send; asked: Exchange[] } {
  const asked: Exchange[] = [];
  const send: Send = async (exchange) => {
    const location = locations[asked.length];
    asked.push(exchange);
    const head = { exchange, bytes: Buffer.alloc(0), redact: (text: string) => text, milliseconds: 0 };
    return location === undefined
      ? { ...head, status: 200, headers: {} }
      : { ...head, status: 307, headers: { location } };
  };
  return { send, asked };
}

const exchange: Exchange = {
  method: "GET",
  url: new URL("https://a.test/v2/x"),
  headers: { authorization: "Bearer t", accept: "x" },
};

describe("a redirect", () => {
  it("within an origin keeps the login", async () => {
    const { send, asked } = redirecting("/elsewhere");
    await followRedirects(send, [])(exchange);
    expect(asked[1]).toMatchObject({ url: new URL("https://a.test/elsewhere"), headers: exchange.headers });
  });

  it.each(["https://b.test/x", "https://a.test:8443/x"])(
    "to %s loses the login, also when it leads back",
    async (location) => {
      const { send, asked } = redirecting(location, "https://a.test/back");
      await followRedirects(send, [])(exchange);
      expect(asked.slice(1).map(({ headers }) => headers)).toEqual([{ accept: "x" }, { accept: "x" }]);
    },
  );

  it.each(["http://a.test/x", "http://b.test/x", "ftp://a.test/x", "file:///etc/passwd"])(
    "from https to %s is refused",
    async (location) => {
      const { send, asked } = redirecting(location);
      await expect(followRedirects(send, [])(exchange)).rejects.toThrow("which is not https");
      expect(asked).toHaveLength(1);
    },
  );

  it("to plain http is followed where that was said", async () => {
    const { send, asked } = redirecting("http://plain.test/x");
    await followRedirects(send, ["plain.test"])(exchange);
    expect(asked).toHaveLength(2);
  });

  it("of what is written is left to the caller", async () => {
    const { send } = redirecting("https://b.test/x");
    expect((await followRedirects(send, [])({ ...exchange, method: "PUT" })).status).toBe(307);
  });
});
