import type { Connection } from "./connection.ts";
import { wrongAnswer } from "./failures.ts";
import { type Answer, headerOf, resolveUrl } from "./http.ts";
import type { Scope } from "./scopes.ts";

/** Answers of a list that comes in pages, each naming the next in its `Link` header (RFC 5988). */
export async function* readPages(registry: Connection, start: URL, scopes: readonly Scope[]): AsyncGenerator<Answer> {
  const seen = new Set<string>();
  let bytes = 0;
  for (let url: URL | undefined = start; url; ) {
    seen.add(url.href);
    const answer: Answer = await registry.send({ method: "GET", url }, scopes);
    yield answer;
    bytes += answer.bytes.length;
    url = nextPage(answer);
    const endless = seen.size > pageLimit || bytes > bytesLimit;
    if (url && (endless || seen.has(url.href))) throw wrongAnswer(answer, "gives a list without end");
  }
}

const pageLimit = 10_000;

/** Of all pages together: room for half a million tags. */
const bytesLimit = 16 * 1024 * 1024;

function nextPage(answer: Answer): URL | undefined {
  const link = headerOf(answer, "link") ?? "";
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link)?.[1];
  return target === undefined ? undefined : resolveUrl(target, answer.exchange.url);
}
