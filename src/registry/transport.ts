import { Agent, EnvHttpProxyAgent } from "undici";
import { type ExchangeOptions, ExchangeRun } from "./exchange-run.ts";
import type { Exchange, Send } from "./http.ts";
import { Limiter } from "./limiter.ts";
import type { RegistriesOptions } from "./model.ts";
import { isLoopback } from "./origin.ts";

interface Transport {
  /** One request on the wire: no redirect is followed, nothing repeated, no credential added. */
  readonly send: Send;
  close(): Promise<void>;
}

type Options = Pick<RegistriesOptions, "concurrency" | "environment"> & ExchangeOptions;

export function createTransport(options: Options): Transport {
  const direct = new Agent(agentOptions);
  const proxied = new EnvHttpProxyAgent({ ...agentOptions, ...proxies(options.environment ?? process.env) });
  const lanes = new Lanes(options.concurrency ?? 8);
  return {
    async send(exchange) {
      const release = await lanes.of(exchange).take(options.signal);
      const dispatcher = isLoopback(exchange.url.hostname) ? direct : proxied;
      return new ExchangeRun(exchange, options, release).perform(dispatcher);
    },
    async close() {
      await Promise.all([direct.destroy(), proxied.destroy()]);
    },
  };
}

const agentOptions = { pipelining: 1, keepAliveTimeout: 10_000, connect: { timeout: 15_000 } } as const;

/** Empty texts keep undici from looking at the process's environment itself. */
function proxies(environment: NonNullable<Options["environment"]>): EnvHttpProxyAgent.Options {
  const value = (name: string): string => environment[name] ?? environment[name.toUpperCase()] ?? "";
  return { httpProxy: value("http_proxy"), httpsProxy: value("https_proxy"), noProxy: value("no_proxy") };
}

/**
 * Streams that are read have places of their own: who copies from a registry to itself holds one of them while asking for
 * another, and would otherwise wait for itself.
 */
class Lanes {
  readonly #lanes = new Map<string, Limiter>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  of({ url, stream }: Exchange): Limiter {
    const key = `${stream ? "read" : "ask"} ${url.origin}`;
    const lane = this.#lanes.get(key) ?? new Limiter(this.#size);
    this.#lanes.set(key, lane);
    return lane;
  }
}
