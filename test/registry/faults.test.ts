import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registries, RegistriesOptions, Registry, RequestEvent } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { cutConnection, type HttpRegistry, startHttpRegistry, times } from "../support/http-registry.ts";

let server: HttpRegistry;
let registries: Registries;
let registry: Registry;
let events: RequestEvent[];

const open = (options: RegistriesOptions = {}): Registry => {
  registries = createRegistries({
    environment: {},
    limits: { attempts: 4, firstWait: 1, answer: 300, stall: 300 },
    onRequest: (event) => events.push(event),
    ...options,
  });
  return registries.registryFor(server.host);
};

beforeEach(async () => {
  server = await startHttpRegistry();
  events = [];
  registry = open();
});
afterEach(async () => {
  await registries.close();
  await server.stop();
});

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) % 256));
const blob: Descriptor = { mediaType: oci.layer, digest: sha256Digest(content), size: content.length };
const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: oci.manifest, config: blob, layers: [] }));

const isGet = (request: IncomingMessage): boolean => request.method === "GET";
const any = (): boolean => true;
const done = (ended: ServerResponse): boolean => ended.writableEnded;
const asked = (): string[] => server.seen.map(({ method, url }) => `${method} ${url.replace(/[0-9a-f-]{36}/, "ID")}`);

async function failureOf(
  action: Promise<unknown>,
): Promise<{ message: string; notes: string; help: string; code: string }> {
  const failure = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(failure).toBeInstanceOf(FailedError);
  const [diagnostic] = (failure as FailedError).diagnostics;
  const notes = diagnostic?.notes.map(({ message }) => message).join("\n") ?? "";
  return { message: diagnostic?.message ?? "", notes, help: diagnostic?.help ?? "", code: diagnostic?.code ?? "" };
}

describe("a registry that is busy", () => {
  it.each([429, 500, 502, 503, 504])("is asked again after %d", async (status) => {
    server.store.storeManifest("a", "1", { mediaType: oci.manifest, bytes: manifest });
    server.faults.push(times(2, any, (_, response) => void response.writeHead(status).end()));
    expect((await registry.repository("a").manifests.get("1"))?.bytes).toEqual(manifest);
    expect(server.seen).toHaveLength(3);
  });

  it("is given the time it asks for", async () => {
    await registries.close();
    const abort = new AbortController();
    registry = open({ signal: abort.signal });
    server.faults.push((_, response) => {
      setTimeout(() => abort.abort(new Error("long before")), 100);
      return done(response.writeHead(429, { "retry-after": "5" }).end());
    });
    await expect(registry.repository("a").listings.tags()).rejects.toThrow();
    expect(server.seen).toHaveLength(1);
  });

  it("is not waited for when it asks for an hour", async () => {
    server.faults.push((_, response) => done(response.writeHead(503, { "retry-after": "3600" }).end()));
    const failure = await failureOf(registry.repository("a").listings.tags());
    expect(failure).toMatchObject({ code: "registry-unavailable", message: `${server.host} cannot do this now` });
    expect(server.seen).toHaveLength(1);
  });

  it("is given up at last, with its own words, the request and the time", async () => {
    const words = JSON.stringify({ errors: [{ code: "UNAVAILABLE", message: "disk\nfull" }] });
    server.faults.push((_, response) => done(response.writeHead(503).end(words)));
    const { notes } = await failureOf(registry.repository("a").manifests.put("1", oci.manifest, manifest));
    expect(notes).toContain("it says: UNAVAILABLE: disk\\nfull");
    expect(notes).toMatch(new RegExp(`PUT http://${server.host}/v2/a/manifests/1: 503 after \\d+ ms`));
    expect(server.seen).toHaveLength(4);
  });

  it("gets no more requests at a time than allowed", async () => {
    await registries.close();
    registry = open({ concurrency: 3 });
    let now = 0;
    let most = 0;
    server.faults.push((_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(404, { "content-type": "application/json" }).end();
      }, 10);
      return true;
    });
    await Promise.all(Array.from({ length: 20 }, (_, at) => registry.repository("a").manifests.head(`t${at}`)));
    expect(most).toBe(3);
  });
});

describe("a registry that is not there or not one", () => {
  it("is named when nobody listens", async () => {
    await server.stop();
    const failure = await failureOf(registry.repository("a").manifests.head("1"));
    expect(failure).toMatchObject({
      code: "registry-unreachable",
      message: `${server.host} cannot be reached or breaks off`,
    });
    expect(failure.notes).toContain("ECONNREFUSED");
  });

  it("is named when its name does not exist", async () => {
    const failure = await failureOf(registries.registryFor("registry.invalid").repository("a").manifests.head("1"));
    expect(failure.notes).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it.each([200, 404, 500])("is called what it is when it answers %d with a web page", async (status) => {
    server.faults.push((_, response) =>
      done(response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end("<html>hello</html>")),
    );
    const failure = await failureOf(registry.repository("a").manifests.get("1"));
    expect(failure.code).toBe("not-a-registry");
    expect(failure.notes).toContain("<html>hello</html>");
    expect((await failureOf(registry.repository("a").blobs.get(blob))).code).toBe("not-a-registry");
    expect((await failureOf(registry.repository("a").listings.tags())).code).toBe("not-a-registry");
    expect((await failureOf(registry.repository("a").manifests.head("1"))).code).toBe("not-a-registry");
  });

  it("is told from one that answers nonsense", async () => {
    server.faults.push((_, response) =>
      done(response.writeHead(200, { "content-type": "application/json" }).end("{{{")),
    );
    expect((await failureOf(registry.repository("a").listings.tags())).message).toBe(
      `the list of tags of ${server.host}/a is not JSON`,
    );
    expect((await failureOf(registry.repository("a").manifests.get("1"))).message).toContain('type "application/json"');
  });

  it("does not fill the memory with an answer without end", async () => {
    server.faults.push((_, response) => {
      response.writeHead(200, { "content-type": oci.manifest });
      Readable.from(forever(Buffer.alloc(65536)))
        .on("error", () => undefined)
        .pipe(response);
      return true;
    });
    expect((await failureOf(registry.repository("a").manifests.get("1"))).notes).toContain("longer than 4194304 bytes");
  });
});

async function* forever(part: Buffer): AsyncGenerator<Buffer> {
  for (;;) yield part;
}

describe("a registry that lies", () => {
  it("is caught when a manifest is not the one asked for", async () => {
    const other = sha256Digest("other");
    server.faults.push((_, response) => done(response.writeHead(200, { "content-type": oci.manifest }).end(manifest)));
    const failure = await failureOf(registry.repository("a").manifests.get(other));
    expect(failure.message).toContain("wrong digest");
    expect(failure.notes).toContain(`expected ${other}, found ${sha256Digest(manifest)}`);
  });

  it("is caught when its header and its manifest differ", async () => {
    const headers = { "content-type": oci.manifest, "docker-content-digest": sha256Digest("other") };
    server.faults.push((_, response) => done(response.writeHead(200, headers).end(manifest)));
    expect((await failureOf(registry.repository("a").manifests.get("1"))).message).toContain("wrong digest");
  });

  it("is caught when it says it stored something else", async () => {
    server.faults.push((_, response) =>
      done(response.writeHead(201, { "docker-content-digest": sha256Digest("other") }).end()),
    );
    expect((await failureOf(registry.repository("a").manifests.put("1", oci.manifest, manifest))).message).toContain(
      "wrong digest",
    );
  });

  it.each([
    ["different", Buffer.from(content).fill(0, 5, 6)],
    ["too long", Buffer.concat([content, Buffer.from("x")])],
  ])("is caught when a blob is %s", async (_, wrong) => {
    server.store.repository("a").blobs.set(blob.digest, wrong);
    const failure = await failureOf(registry.repository("a").blobs.get(blob).then(buffer));
    expect(failure.message).toContain("wrong content");
  });

  it("is caught when its list of tags never ends", async () => {
    server.faults.push((request, response) =>
      done(response.writeHead(200, { link: `<${request.url}>; rel="next"` }).end('{"tags":[]}')),
    );
    expect((await failureOf(registry.repository("a").listings.tags())).message).toContain("a list without end");
  });

  it("is caught when each page of its list of tags is as large as may be and names another", async () => {
    let page = 0;
    const tags = Array.from({ length: 30_000 }, (_, tag) => `${tag}`.padEnd(128, "x"));
    server.faults.push((_, response) => {
      const link = `</v2/a/tags/list?page=${(page += 1)}>; rel="next"`;
      return done(response.writeHead(200, { link }).end(JSON.stringify({ tags })));
    });
    expect((await failureOf(registry.repository("a").listings.tags())).message).toContain("a list without end");
    expect(page).toBeLessThan(10);
  });

  it("has its good tags listed beside those that no image can have", async () => {
    const tags = ["1.0", "not a tag", "../../etc", "-x", "", "x".repeat(300), null, 7, "1.0\u001b[2J", "latest"];
    server.faults.push((_, response) => done(response.writeHead(200).end(JSON.stringify({ tags }))));
    expect(await registry.repository("a").listings.tags()).toEqual(["1.0", "latest"]);
  });
});

describe("a connection that breaks", () => {
  it("does not stop a short request", async () => {
    server.faults.push(times(2, any, cutConnection));
    expect(await registry.repository("a").listings.tags()).toEqual([]);
  });

  it("does not stop a download, which goes on where it was", async () => {
    server.store.repository("a").blobs.set(blob.digest, content);
    server.faults.push(
      times(1, isGet, (_, response) => {
        response.writeHead(200, { "content-length": String(content.length) });
        response.write(content.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 20));
      }),
    );
    expect((await buffer(await registry.repository("a").blobs.get(blob))).equals(content)).toBe(true);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=70000-${content.length - 1}`]);
  });

  it("does not stop a download from a registry that begins again from the start", async () => {
    server.store.repository("a").blobs.set(blob.digest, content);
    server.faults.push(
      (request) => {
        delete request.headers.range;
      },
      times(2, isGet, (_, response) => {
        response.writeHead(200);
        response.write(content.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 20));
      }),
    );
    expect((await buffer(await registry.repository("a").blobs.get(blob))).equals(content)).toBe(true);
  });

  it("does not stop a download that was cut without an error", async () => {
    server.store.repository("a").blobs.set(blob.digest, content);
    server.faults.push(times(1, isGet, (_, response) => void response.writeHead(200).end(content.subarray(0, 1000))));
    expect((await buffer(await registry.repository("a").blobs.get(blob))).equals(content)).toBe(true);
  });

  it("ends a download that gets nowhere", async () => {
    server.faults.push((_, response) => done(response.writeHead(200).end(content.subarray(0, 1000))));
    expect((await failureOf(registry.repository("a").blobs.get(blob).then(buffer))).notes).toContain(
      "1000 of 200000 bytes",
    );
  });

  const cutUpload = (after: number) =>
    times(
      1,
      ({ method }) => method === "PUT",
      (request) => {
        let received = 0;
        request.on("data", (part: Buffer) => {
          received += part.length;
          if (received >= after) cutConnection(request);
        });
        return false;
      },
    );

  it.each([
    ["bytes", (): Buffer => content],
    ["a stream", () => (): Readable => Readable.from(inParts(content, 10_000))],
  ])("does not stop an upload of %s, which goes on where it was", async (_, source) => {
    server.faults.push(cutUpload(70_000));
    await registry.repository("a").blobs.put(blob, source());
    expect(server.store.repository("a").blobs.get(blob.digest)?.equals(content)).toBe(true);
    const [patch] = server.seen.filter(({ method }) => method === "PATCH");
    expect(patch?.headers["content-range"]).toMatch(/^\d{4,}-199999$/);
  });

  it("does not stop an upload whose session was lost", async () => {
    server.faults.push(
      cutUpload(70_000),
      times(
        1,
        ({ method, url }) => method === "GET" && (url ?? "").includes("/uploads/"),
        (_, response) => void response.writeHead(404).end(),
      ),
    );
    await registry.repository("a").blobs.put(blob, content);
    expect(asked().filter((each) => each.startsWith("POST"))).toHaveLength(2);
    expect(server.store.repository("a").blobs.get(blob.digest)?.equals(content)).toBe(true);
  });

  it("sends a blob in parts where the whole is too large for a proxy", async () => {
    server.faults.push(
      times(
        1,
        ({ method, headers }) => method === "PUT" && Number(headers["content-length"]) > 0,
        (request, response) => {
          request.resume();
          response.writeHead(413).end();
        },
      ),
    );
    await registry.repository("a").blobs.put(blob, content);
    expect(asked().map((each) => each.split(" ")[0])).toEqual(["POST", "PUT", "GET", "POST", "PATCH", "PUT"]);
  });
});

async function* inParts(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("a server that trickles", () => {
  it("is given up when a short answer does not end", async () => {
    server.faults.push((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
      return true;
    });
    expect((await failureOf(registry.repository("a").listings.tags())).notes).toContain(
      "the answer is not complete after 300 ms",
    );
  });

  it("is given up when it sends no head", async () => {
    server.faults.push(() => true);
    expect((await failureOf(registry.repository("a").listings.tags())).notes).toMatch(/Headers Timeout/i);
  });

  it("is given up when a blob comes a byte at a time", async () => {
    server.faults.push((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
      return true;
    });
    expect((await failureOf(registry.repository("a").blobs.get(blob).then(buffer))).notes).toMatch(
      /only \d+ bytes came in \d+ ms/,
    );
  });

  it("is not blamed for a reader who takes his time", async () => {
    server.store.repository("a").blobs.set(blob.digest, content);
    const stream = await registry.repository("a").blobs.get(blob);
    let read = 0;
    for await (const part of stream as AsyncIterable<Buffer>) {
      read += part.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(read).toBe(content.length);
  });
});

describe("a redirect", () => {
  it("is followed for blobs without the login of the registry", async () => {
    const received: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      received.push(request.headers.authorization);
      response.end(content);
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const target = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/storage?signature=secret`;
    server.faults.push((request, response) => {
      if (request.headers.authorization === undefined) {
        return done(
          response.writeHead(401, { "www-authenticate": `Bearer realm="${server.url}/token",service="s"` }).end(),
        );
      }
      return done(response.writeHead(307, { location: target }).end());
    });
    server.faults.unshift(
      (request, response) => request.url?.startsWith("/token") === true && response.end('{"token":"t"}') !== undefined,
    );
    expect((await buffer(await registry.repository("a").blobs.get(blob))).equals(content)).toBe(true);
    expect(received).toEqual([undefined]);
    expect(server.seen.at(-1)?.headers.authorization).toBe("Bearer t");
    expect(events.map(({ url }) => url).join()).not.toContain("signature");
    elsewhere.close();
    elsewhere.closeAllConnections();
  });

  it("in a circle is left", async () => {
    server.faults.push((request, response) => done(response.writeHead(302, { location: request.url ?? "" }).end()));
    expect((await failureOf(registry.repository("a").blobs.get(blob))).message).toContain("redirects without end");
  });
});

describe("what is counted", () => {
  it("is each request with its bytes", async () => {
    await registry.repository("a").blobs.put(blob, () => Readable.from(inParts(content, 5000)));
    await buffer(await registry.repository("a").blobs.get(blob));
    const counted = events.map(({ method, status, bytesSent, bytesReceived }) => [
      method,
      status,
      bytesSent,
      bytesReceived,
    ]);
    expect(counted).toEqual([
      ["POST", 202, 0, 0],
      ["PUT", 201, content.length, 0],
      ["GET", 200, 0, content.length],
    ]);
  });

  it("is one request for a mount, and no session is left open when it fails", async () => {
    server.store.repository("from").blobs.set(blob.digest, content);
    expect(await registry.repository("to").blobs.mount(blob.digest, "from")).toBe(true);
    expect(await registry.repository("to").blobs.mount(sha256Digest("absent"), "from")).toBe(false);
    await registries.close();
    expect(asked().map((each) => each.split(" ")[0])).toEqual(["POST", "POST", "DELETE"]);
  });

  it("uses the session of a failed mount for the upload", async () => {
    expect(await registry.repository("to").blobs.mount(blob.digest, "from")).toBe(false);
    await registry.repository("to").blobs.put(blob, content);
    await registries.close();
    expect(asked().map((each) => each.split(" ")[0])).toEqual(["POST", "PUT"]);
  });
});

describe("an interrupt", () => {
  it("ends what is under way and what waits for another attempt", async () => {
    await registries.close();
    const abort = new AbortController();
    registry = open({ signal: abort.signal, limits: { attempts: 9, firstWait: 60_000, answer: 60_000 } });
    server.faults.push((request, response) =>
      request.url?.includes("busy") ? done(response.writeHead(503).end()) : true,
    );
    const ends = Promise.allSettled([
      registry.repository("hangs").listings.tags(),
      registry.repository("busy").listings.tags(),
    ]);
    setTimeout(() => abort.abort(new Error("interrupted")), 100);
    // Both would go on for longer than the test may.
    expect((await ends).map((each) => each.status)).toEqual(["rejected", "rejected"]);
  });
});

describe("a download", () => {
  const stopped = async (stop: (stream: Readable) => unknown): Promise<void> => {
    await registries.close();
    registry = open({ concurrency: 1 });
    server.store.repository("a").blobs.set(blob.digest, content);
    stop(await registry.repository("a").blobs.get(blob));
    expect((await buffer(await registry.repository("a").blobs.get(blob))).equals(content)).toBe(true);
  };

  it("that nobody reads gives its place back when it is destroyed", () => stopped((stream) => stream.destroy()));

  it("that is left half way gives its place back", () =>
    stopped(async (stream) => {
      for await (const part of stream) if (part) break;
    }));

  it("ends with an interrupt", async () => {
    await registries.close();
    const abort = new AbortController();
    registry = open({ signal: abort.signal, limits: { stall: 60_000 } });
    server.faults.push((_, response) => response.writeHead(200).write("x"));
    const reading = buffer(await registry.repository("a").blobs.get(blob));
    setTimeout(() => abort.abort(new Error("interrupted")), 50);
    await expect(reading).rejects.toThrow("interrupted");
  });
});

describe("a source that fails", () => {
  it("is not blamed on the registry, nor tried again", async () => {
    const source = (): Readable =>
      Readable.from(
        (async function* () {
          yield content.subarray(0, 1000);
          throw new Error("EIO: the disk is broken");
        })(),
      );
    const failure = await failureOf(registry.repository("a").blobs.put(blob, source));
    expect(failure).toMatchObject({ code: "unreadable-blob", notes: "EIO: the disk is broken" });
  });

  it.each([999, 1001])("is caught when it is shorter or longer than said: %d", async (size) => {
    const failure = await failureOf(
      registry.repository("a").blobs.put({ ...blob, size }, () => Readable.from([content.subarray(0, 1000)])),
    );
    expect(failure.code).toBe("unreadable-blob");
  });
});
