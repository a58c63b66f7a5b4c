import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { type Digest, parseDigest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { referrerOf } from "../../src/registry/manifest-facts.ts";
import { RegistryStore } from "./memory-registry.ts";

/** One request as a test sees it. */
export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** Gives the answer itself and returns true, or leaves the request to the registry. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean | void;

export interface HttpRegistry {
  readonly host: string;
  readonly url: string;
  readonly store: RegistryStore;
  readonly seen: Seen[];
  /** Is asked before every request, in the order of adding. */
  readonly faults: Fault[];
  stop(): Promise<void>;
}

export interface HttpRegistryOptions {
  /** Pages of tags and referrers hold so many entries. */
  readonly pageSize?: number;
  /** As before version 1.1 of the specification: subjects are not looked at. */
  readonly withoutReferrers?: boolean;
  /** Stores a blob that comes with the request that begins an upload. */
  readonly takesAtOnce?: boolean;
}

/** A registry of the distribution-spec 1.1 in this process, with the referrers API, that can be told to misbehave. */
export async function startHttpRegistry(options: HttpRegistryOptions = {}): Promise<HttpRegistry> {
  const state = {
    store: new RegistryStore(),
    sessions: new Map<string, Buffer>(),
    pageSize: options.pageSize ?? 1000,
    withReferrers: !options.withoutReferrers,
    takesAtOnce: options.takesAtOnce ?? false,
  };
  const seen: Seen[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    if (faults.some((fault) => fault(request, response) === true)) return;
    new Handling(state, request, response).run().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, url: `http://${host}`, store: state.store, seen, faults, stop };
}

/** Applies a fault to the first so many requests that fit. */
export function times(count: number, fits: (request: IncomingMessage) => boolean, fault: Fault): Fault {
  let left = count;
  return (request, response) => {
    if (left === 0 || !fits(request)) return false;
    left -= 1;
    return fault(request, response) ?? true;
  };
}

export const cutConnection = (request: IncomingMessage): void => {
  (request.socket as Socket).resetAndDestroy();
};

interface State {
  readonly store: RegistryStore;
  readonly sessions: Map<string, Buffer>;
  readonly pageSize: number;
  readonly withReferrers: boolean;
  readonly takesAtOnce: boolean;
}

class Handling {
  readonly #state: State;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #url: URL;

  constructor(state: State, request: IncomingMessage, response: ServerResponse) {
    this.#state = state;
    this.#request = request;
    this.#response = response;
    this.#url = new URL(request.url ?? "/", "http://registry.test");
  }

  async run(): Promise<void> {
    const [, name = "", kind, rest = ""] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/(.*)$/.exec(this.#url.pathname) ?? [];
    if (kind === "manifests") return this.#manifest(name, rest);
    if (kind === "blobs/uploads") return this.#upload(name, rest);
    if (kind === "blobs") return this.#blob(name, rest as Digest);
    if (kind === "tags") return this.#tags(name);
    if (kind === "referrers" && this.#state.withReferrers) return this.#referrers(name, rest as Digest);
    this.#fail(404, "NOT_FOUND");
  }

  async #manifest(name: string, target: string): Promise<void> {
    const { store } = this.#state;
    if (this.#request.method === "PUT") return this.#storeManifest(name, target);
    if (this.#request.method === "DELETE")
      return store.deleteManifest(name, target) ? this.#end(202) : this.#fail(404, "MANIFEST_UNKNOWN");
    const found = store.manifest(name, target);
    if (!found) return this.#fail(404, "MANIFEST_UNKNOWN");
    this.#end(200, { "content-type": found.mediaType, "docker-content-digest": found.digest }, found.bytes);
  }

  async #storeManifest(name: string, target: string): Promise<void> {
    const bytes = await buffer(this.#request);
    const mediaType = this.#request.headers["content-type"] ?? "";
    const digest = this.#state.store.storeManifest(name, target, { mediaType, bytes });
    const subject = this.#state.withReferrers && referrerOf(mediaType, bytes, digest)?.subject;
    this.#end(201, { "docker-content-digest": digest, ...(subject ? { "oci-subject": subject } : {}) });
  }

  #blob(name: string, digest: Digest): void {
    const bytes = this.#state.store.repositories.get(name)?.blobs.get(digest);
    if (!bytes) return this.#fail(404, "BLOB_UNKNOWN");
    const from = Number(/^bytes=(\d+)-/.exec(this.#request.headers.range ?? "")?.[1] ?? 0);
    const head = { "content-type": "application/octet-stream", "docker-content-digest": digest };
    if (from === 0) return this.#end(200, head, bytes);
    this.#end(
      206,
      { ...head, "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` },
      bytes.subarray(from),
    );
  }

  async #upload(name: string, session: string): Promise<void> {
    if (this.#request.method === "POST") return this.#begin(name);
    const { sessions } = this.#state;
    const held = sessions.get(session);
    if (!held) return this.#fail(404, "BLOB_UPLOAD_UNKNOWN");
    if (this.#request.method === "PATCH" || this.#request.method === "PUT") await this.#receive(session, held);
    const bytes = sessions.get(session) ?? held;
    if (this.#request.method === "PUT") return this.#complete(name, session, bytes);
    if (this.#request.method === "DELETE") sessions.delete(session);
    this.#end(this.#request.method === "PATCH" ? 202 : 204, this.#sessionHead(name, session, bytes.length));
  }

  /** What came before a connection broke is kept. */
  async #receive(session: string, held: Buffer): Promise<void> {
    let bytes = held;
    for await (const part of this.#request as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, part]);
      this.#state.sessions.set(session, bytes);
    }
  }

  async #begin(name: string): Promise<void> {
    const { store, sessions, takesAtOnce } = this.#state;
    const sent = await buffer(this.#request);
    if (takesAtOnce && this.#url.searchParams.has("digest")) return this.#complete(name, "", sent);
    const mounted = parseDigest(this.#url.searchParams.get("mount") ?? "");
    const bytes = mounted && store.repositories.get(this.#url.searchParams.get("from") ?? "")?.blobs.get(mounted);
    if (bytes) {
      store.repository(name).blobs.set(mounted, bytes);
      return this.#end(201, { location: `/v2/${name}/blobs/${mounted}` });
    }
    const session = randomUUID();
    sessions.set(session, Buffer.alloc(0));
    this.#end(202, this.#sessionHead(name, session, 0));
  }

  #complete(name: string, session: string, bytes: Buffer): void {
    const digest = parseDigest(this.#url.searchParams.get("digest") ?? "");
    this.#state.sessions.delete(session);
    if (!digest || sha256Digest(bytes) !== digest) return this.#fail(400, "DIGEST_INVALID");
    this.#state.store.repository(name).blobs.set(digest, bytes);
    this.#end(201, { location: `/v2/${name}/blobs/${digest}` });
  }

  #sessionHead = (name: string, session: string, size: number): Record<string, string> => ({
    location: `/v2/${name}/blobs/uploads/${session}?_state=${encodeURIComponent("a=b+c/d")}`,
    range: `0-${Math.max(0, size - 1)}`,
  });

  #tags(name: string): void {
    const repository = this.#state.store.repositories.get(name);
    if (!repository) return this.#fail(404, "NAME_UNKNOWN");
    const { page, head } = this.#page([...repository.tags.keys()].sort());
    this.#end(200, { "content-type": "application/json", ...head }, Buffer.from(JSON.stringify({ name, tags: page })));
  }

  #referrers(name: string, subject: Digest): void {
    const { page, head } = this.#page(this.#state.store.referrers(name, subject));
    const index = canonicalJson({ schemaVersion: 2, mediaType: oci.index, manifests: page });
    this.#end(200, { "content-type": oci.index, ...head }, index);
  }

  #page<T>(all: readonly T[]): { page: readonly T[]; head: Record<string, string> } {
    const from = Number(this.#url.searchParams.get("from") ?? 0);
    const end = from + this.#state.pageSize;
    const next = `${this.#url.pathname}?from=${end}`;
    return { page: all.slice(from, end), head: end < all.length ? { link: `<${next}>; rel="next"` } : {} };
  }

  #fail(status: number, code: string): void {
    this.#request.resume();
    this.#end(
      status,
      { "content-type": "application/json" },
      Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] })),
    );
  }

  #end(status: number, headers: Record<string, string> = {}, bytes: Buffer = Buffer.alloc(0)): void {
    const head = status === 204 ? headers : { ...headers, "content-length": String(bytes.length) };
    this.#response.writeHead(status, head).end(this.#request.method === "HEAD" ? undefined : bytes);
  }
}
