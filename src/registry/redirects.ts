import type { Redact } from "../diagnostics/redact.ts";
import { RegistryFailure } from "./failures.ts";
import { type Answer, type Exchange, headerOf, publicUrl, resolveUrl, type Send } from "./http.ts";
import { mayBePlain } from "./origin.ts";

/** Follows redirects of what is read; credentials stay with the origin they were meant for. */
export function followRedirects(send: Send, insecure: readonly string[]): Send {
  return async (exchange) => {
    let current = exchange;
    for (let count = 0; count < 8; count += 1) {
      const answer = await send(current);
      const target = redirectTarget(answer);
      if (target === undefined) return answer;
      current = moveTo(current, target, insecure, answer.redact);
    }
    throw refused(exchange, "redirects without end");
  };
}

function redirectTarget(answer: Answer): URL | undefined {
  const reads = answer.exchange.method === "GET" || answer.exchange.method === "HEAD";
  const location = headerOf(answer, "location");
  if (!reads || location === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  return resolveUrl(location, answer.exchange.url);
}

function moveTo(exchange: Exchange, url: URL, insecure: readonly string[], redact: Redact): Exchange {
  const secure =
    url.protocol === "https:" ||
    (url.protocol === "http:" && (exchange.url.protocol === "http:" || mayBePlain(url.host, insecure)));
  if (!secure) throw refused(exchange, `redirects to ${redact(publicUrl(url))}, which is not https`);
  if (url.origin === exchange.url.origin) return { ...exchange, url };
  const { authorization: _, ...headers } = exchange.headers ?? {};
  return { ...exchange, url, headers };
}

const refused = (exchange: Exchange, what: string): RegistryFailure =>
  new RegistryFailure({
    code: "registry-wrong",
    message: `${exchange.url.host} ${what}`,
    notes: [`${exchange.method} ${publicUrl(exchange.url)}`],
  });
