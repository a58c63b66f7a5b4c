import { setTimeout as wait } from "node:timers/promises";
import { authorize } from "./authorize.ts";
import type { FindCredential } from "./credentials.ts";
import type { Answer, Exchange, Send } from "./http.ts";
import type { Limits } from "./model.ts";
import { originOf } from "./origin.ts";
import { followRedirects } from "./redirects.ts";
import { pauseBefore, withRetries } from "./retries.ts";
import type { Scope } from "./scopes.ts";
import type { Secrets } from "./secrets.ts";

/** One registry's API with logins, redirects and retries done. */
export interface Connection {
  readonly host: string;
  readonly limits: Limits;
  /** Waits before another attempt, longer each time. */
  pause(attempt: number): Promise<void>;
  /** Address of `/v2/` and what follows. */
  url(path: string): URL;
  send(exchange: Exchange, scopes: readonly Scope[]): Promise<Answer>;
}

interface ConnectionOptions {
  readonly limits: Limits;
  readonly insecure: readonly string[];
  readonly findCredential: FindCredential;
  readonly secrets: Secrets;
  readonly signal?: AbortSignal;
}

export function connect(host: string, transport: Send, options: ConnectionOptions): Connection {
  const { limits, insecure, findCredential, secrets, signal } = options;
  let origin = originOf(host, insecure);
  const redirected = followRedirects(transport, insecure);
  const sendAs = authorize(redirected, { host, origin: () => origin, insecure, findCredential, secrets });
  const send = async (exchange: Exchange, scopes: readonly Scope[]): Promise<Answer> => {
    const answer = await sendAs(exchange, scopes);
    if (!wantsTls(answer) || origin !== exchange.url.origin) return answer;
    origin = origin.replace(/^http:/, "https:");
    return sendAs({ ...exchange, url: new URL(exchange.url.href.replace(/^http:/, "https:")) }, scopes);
  };
  return {
    host,
    limits,
    pause: (attempt) => wait(pauseBefore(attempt, limits.firstWait), undefined, signal ? { signal } : {}),
    url: (path) => new URL(`/v2/${path}`, origin),
    send: (exchange, scopes) => withRetries((each) => send(each, scopes), limits, signal)(exchange),
  };
}

/** What Go's server says to plain http on a port of https: a loopback registry may have a certificate. */
const wantsTls = (answer: Answer): boolean =>
  answer.status === 400 &&
  answer.exchange.url.protocol === "http:" &&
  answer.bytes.toString("latin1", 0, 200).includes("HTTP request to an HTTPS server");
