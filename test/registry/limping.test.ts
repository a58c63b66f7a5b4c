import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { removeTag } from "../../src/publish/tags.ts";
import { writeHold } from "../../src/published/hold.ts";
import type { Registries, Registry } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";

let server: HttpRegistry;
let registries: Registries;
let registry: Registry;

beforeEach(async () => {
  server = await startHttpRegistry({ withoutReferrers: true });
  registries = createRegistries({ environment: {}, limits: { attempts: 2, firstWait: 1 } });
  registry = registries.registryFor(server.host);
});
afterEach(async () => {
  await registries.close();
  await server.stop();
});

const bytes = Buffer.from("some bytes");
const blob = { mediaType: oci.layer, digest: sha256Digest(bytes), size: bytes.length };
const stored = () => server.store.repository("to").blobs.get(blob.digest);

/** Answers what fits with a status and nothing else. */
const answers = (status: number, fits: (request: IncomingMessage) => boolean, headers: Record<string, string> = {}) =>
  server.faults.push((request, response) => {
    if (!fits(request)) return false;
    request.resume();
    response.writeHead(status, headers).end();
    return true;
  });

const isMount = ({ url = "" }: IncomingMessage): boolean => url.includes("mount=");
const isReferrers = ({ url = "" }: IncomingMessage): boolean => url.includes("/referrers/");

async function send(): Promise<void> {
  if (!(await registry.repository("to").blobs.mount(blob.digest, "from")))
    await registry.repository("to").blobs.put(blob, bytes);
}

describe("a mount", () => {
  it.each([400, 401, 403, 404, 405, 409, 413, 418, 500, 501, 502, 503])(
    "that is answered with %d is followed by an upload",
    async (status) => {
      answers(status, isMount);
      await send();
      expect(stored()).toEqual(bytes);
    },
  );

  it("that is answered with 200 counts where the answer names the blob, and is followed by an upload otherwise", async () => {
    answers(200, isMount, { "docker-content-digest": blob.digest });
    expect(await registry.repository("to").blobs.mount(blob.digest, "from")).toBe(true);
    server.faults.length = 0;
    answers(200, isMount);
    const other = Buffer.from("other");
    const digest = sha256Digest(other);
    expect(await registry.repository("to").blobs.mount(digest, "from")).toBe(false);
  });

  it("that a busy registry does not answer at once is asked for again", async () => {
    server.store.repository("from").blobs.set(blob.digest, bytes);
    let asked = 0;
    server.faults.push((request, response) => {
      if (!isMount(request) || (asked += 1) > 1) return false;
      response.writeHead(429).end();
      return true;
    });
    expect(await registry.repository("to").blobs.mount(blob.digest, "from")).toBe(true);
  });

  it("is not believed any more once the registry misses the blob", async () => {
    answers(201, isMount);
    expect(await registry.repository("to").blobs.mount(blob.digest, "from")).toBe(true);
    const unknown = { errors: [{ code: "MANIFEST_BLOB_UNKNOWN", detail: { digest: blob.digest } }] };
    server.faults.push((request, response) => {
      if (request.method !== "PUT" || !request.url?.includes("/manifests/")) return false;
      request.resume();
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(unknown));
      return true;
    });
    await expect(registry.repository("to").manifests.put("1", oci.manifest, bytes)).rejects.toThrow();
    await registry.repository("to").blobs.put(blob, bytes);
    expect(stored()).toEqual(bytes);
  });
});

describe("a token server", () => {
  /** Gives a token for one of the scopes it was asked for. */
  function tokens(pick: (scopes: string[]) => string | undefined, expires: unknown = 300): void {
    server.faults.push((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", server.url);
      if (pathname === "/token") {
        const token = Buffer.from(pick(searchParams.getAll("scope")) ?? "").toString("hex");
        response.end(JSON.stringify({ token, expires_in: expires }));
        return true;
      }
      const [, repository = ""] = /^\/v2\/([^/]+)\//.exec(pathname) ?? [];
      const wanted = request.method === "GET" ? "pull" : "push";
      const given = Buffer.from((request.headers.authorization ?? "").slice("Bearer ".length), "hex").toString();
      if (given.startsWith(`repository:${repository}:`) && given.includes(wanted)) return false;
      const scope = `repository:${repository}:${wanted === "push" ? "pull,push" : "pull"}`;
      const challenge = `Bearer realm="${server.url}/token",service="s",scope="${scope}"`;
      request.resume();
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    });
  }

  it.each([
    ["first", (scopes: string[]) => scopes[0]],
    ["last", (scopes: string[]) => scopes.at(-1)],
  ])("that heeds the %s scope alone stands in the way of nothing", async (_, pick) => {
    tokens(pick);
    await send();
    await registry.repository("from").blobs.put(blob, bytes);
    expect(stored()).toEqual(bytes);
    expect(await registry.repository("to").listings.tags()).toEqual([]);
  });

  it.each(["300", "", "soon", -5, null, {}])("may say %j for how long a token is good", async (expires) => {
    tokens(([scope]) => scope, expires);
    expect(await registry.repository("to").listings.tags()).toEqual([]);
  });
});

describe("an upload", () => {
  it.each([
    ["PUT", 200],
    ["PUT", 202],
    ["POST", 200],
    ["POST", 201],
  ])("is done where a registry answers %s with %d", async (method, status) => {
    server.faults.push((request, response) => {
      if (request.method !== method) return false;
      const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => ServerResponse;
      response.writeHead = ((_: number, headers: Record<string, string>) =>
        writeHead(status, headers)) as typeof response.writeHead;
      return false;
    });
    await registry.repository("to").blobs.put(blob, bytes);
    expect(stored()).toEqual(bytes);
  });
});

describe("a short blob", () => {
  const parts = () => server.seen.map(({ method }) => method);

  it("is sent in one request where the registry takes it so", async () => {
    await registries.close();
    await server.stop();
    server = await startHttpRegistry({ takesAtOnce: true });
    registry = (registries = createRegistries({ environment: {} })).registryFor(server.host);
    await registry.repository("to").blobs.put(blob, bytes);
    expect(stored()).toEqual(bytes);
    expect(parts()).toEqual(["POST"]);
  });

  it("is sent in two where it does not, and that is tried once", async () => {
    await registry.repository("to").blobs.put(blob, bytes);
    const other = Buffer.from("other");
    await registry.repository("to").blobs.put({ ...blob, digest: sha256Digest(other), size: other.length }, other);
    expect(server.seen.map(({ method, headers }) => [method, headers["content-length"]])).toEqual([
      ["POST", `${bytes.length}`],
      ["PUT", `${bytes.length}`],
      ["POST", "0"],
      ["PUT", `${other.length}`],
    ]);
  });

  it("is sent in two where the registry refuses the digest", async () => {
    answers(400, ({ method, url = "" }) => method === "POST" && url.includes("digest="));
    await registry.repository("to").blobs.put(blob, bytes);
    expect(stored()).toEqual(bytes);
  });
});

describe("referrers", () => {
  const subject = sha256Digest("subject");
  const referrer = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: "application/x",
    config: blob,
    layers: [],
    subject: { mediaType: oci.manifest, digest: subject, size: 7 },
  });
  const attach = () => registry.repository("to").manifests.put(sha256Digest(referrer), oci.manifest, referrer);

  it.each([403, 500, 501])("that are answered with %d are read behind the tag where we put them", async (status) => {
    answers(status, isReferrers);
    await attach();
    const found = await registry.repository("to").listings.referrers(subject);
    expect(found.map(({ digest }) => digest)).toEqual([sha256Digest(referrer)]);
    await registry.repository("to").listings.referrers(subject);
    expect(server.seen.filter(({ url }) => url.includes("/referrers/")).length).toBeLessThan(3);
  });

  it("that are refused, and behind no tag, are not taken for none", async () => {
    answers(403, isReferrers);
    await expect(registry.repository("to").listings.referrers(subject)).rejects.toThrow("does not allow this");
  });
});

describe("what a registry says that it does", () => {
  it("is not believed of a tag that it deletes", async () => {
    const at = { repository: registry.repository("to"), target: "1.0" };
    await at.repository.manifests.put("1.0", oci.manifest, Buffer.from('{"schemaVersion":2}'));
    for (const status of [200, 202]) {
      server.faults.length = 0;
      answers(status, ({ method }) => method === "DELETE");
      expect(await removeTag(at)).toBe(false);
    }
    server.faults.length = 0;
    expect(await removeTag(at)).toBe(true);
  });

  it("is not believed of the note of a rollback", async () => {
    answers(201, ({ method, url = "" }) => method === "PUT" && url.includes("/manifests/"));
    const hold = { image: "a:1.0", since: "2026-01-01T00:00:00Z", state: "held", tags: [] } as const;
    await expect(writeHold(registry.repository("to"), "1.0", hold)).rejects.toThrow("does not have it");
  });
});
