import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { parseChallenges } from "../../src/registry/challenge.ts";
import type { Registries, Registry } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { covers, pull, push } from "../../src/registry/scopes.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";

let folder: string;
let server: HttpRegistry;
let registries: Registries;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "logins-"));
  server = await startHttpRegistry();
});
afterEach(async () => {
  await registries?.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function open(config?: object, environment: Record<string, string> = {}): Registry {
  if (config) writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  registries = createRegistries({
    environment: { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"]}`, ...environment },
    limits: { attempts: 2, firstWait: 1 },
  });
  return registries.registryFor(server.host);
}

function helper(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const failureOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => "no failure",
    (failure: unknown) =>
      failure instanceof FailedError ? JSON.stringify(failure.diagnostics) : `not a FailedError: ${String(failure)}`,
  );

/** The registry wants this header, and says so in this challenge. */
function require(challenge: string, accepted: (authorization: string) => boolean): void {
  server.faults.push((request, response) => {
    if (request.url?.startsWith("/token") || accepted(request.headers.authorization ?? "")) return false;
    response
      .writeHead(401, { "www-authenticate": challenge })
      .end('{"errors":[{"code":"UNAUTHORIZED","message":"login first"}]}');
    return true;
  });
}

interface TokenRequest {
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** A token server on the same port; tokens are numbered. */
function tokens(
  answer: (count: number) => object = (count) => ({ token: `t${count}`, expires_in: 300 }),
): TokenRequest[] {
  const requests: TokenRequest[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of request) body += String(part);
    const { searchParams } = new URL(request.url ?? "", server.url);
    requests.push({
      scopes: searchParams.getAll("scope"),
      authorization: request.headers.authorization,
      form: new URLSearchParams(body),
    });
    response.end(JSON.stringify(answer(requests.length)));
  };
  server.faults.push((request, response) => {
    if (!request.url?.startsWith("/token")) return false;
    void handle(request, response);
    return true;
  });
  return requests;
}

const bearer = (): string => `Bearer realm="${server.url}/token",service="the service",scope="repository:asked:pull"`;
const digest = sha256Digest("x");

describe("a registry that wants tokens", () => {
  it("is asked once without, and from then on with a token for what is done", async () => {
    const requests = tokens();
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    const registry = open();
    await registry.repository("a").listings.tags();
    await registry.repository("a").listings.tags();
    await registry.repository("b").blobs.head(digest);
    expect(requests.map(({ scopes }) => scopes)).toEqual([["repository:a:pull"], ["repository:b:pull"]]);
    expect(server.seen.filter(({ url }) => !url.startsWith("/token"))).toHaveLength(4);
  });

  it("is asked once, however many requests begin at the same time", async () => {
    const requests = tokens();
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    const registry = open();
    await Promise.all(Array.from({ length: 10 }, () => registry.repository("a").listings.tags()));
    expect(requests).toHaveLength(1);
    expect(server.seen).toHaveLength(12);
  });

  it("gives one token for a mount with both scopes, which then does for reading and writing", async () => {
    const requests = tokens();
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    const registry = open();
    await registry.repository("to").blobs.mount(digest, "from");
    await registry.repository("to").listings.tags();
    await registry.repository("from").listings.tags();
    expect(requests.map(({ scopes }) => scopes)).toEqual([["repository:to:pull,push", "repository:from:pull"]]);
  });

  it("is given a new token when it takes the old one no more", async () => {
    tokens();
    let valid = "Bearer t1";
    require(bearer(), (authorization) => authorization === valid);
    const registry = open();
    await registry.repository("a").listings.tags();
    valid = "Bearer t2";
    expect(await registry.repository("a").listings.tags()).toEqual([]);
  });

  it("is given a new token before the old one ends", async () => {
    const requests = tokens((count) => ({ access_token: `t${count}`, expires_in: 0 }));
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    const registry = open();
    const now = Date.now;
    await registry.repository("a").listings.tags();
    Date.now = () => now() + 55_000;
    try {
      await registry.repository("a").listings.tags();
    } finally {
      Date.now = now;
    }
    expect(requests).toHaveLength(2);
  });

  it("is not asked without end when no token does", async () => {
    tokens();
    require(bearer(), () => false);
    const failure = await failureOf(open().repository("a").listings.tags());
    expect(failure).toContain("registry-refused");
    expect(failure).toContain("it says: UNAUTHORIZED: login first");
    expect(failure).toContain(`docker login ${server.host}`);
    expect(server.seen.length).toBeLessThan(6);
  });

  it("gets the password only at its token server", async () => {
    const requests = tokens();
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    await open({ auths: { [server.host]: { auth: base64("alice:pass:word") } } })
      .repository("a")
      .listings.tags();
    expect(requests[0]?.authorization).toBe(`Basic ${base64("alice:pass:word")}`);
    const others = server.seen
      .filter(({ url }) => !url.startsWith("/token"))
      .map(({ headers }) => headers.authorization);
    expect(others).toEqual([undefined, "Bearer t1"]);
  });

  it("exchanges an identity token", async () => {
    const requests = tokens();
    require(bearer(), (authorization) => authorization.startsWith("Bearer t"));
    await open({ auths: { [server.host]: { identitytoken: "identity" } } })
      .repository("a")
      .listings.tags();
    expect(Object.fromEntries(requests[0]?.form ?? [])).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: "identity",
      service: "the service",
      scope: "repository:a:pull",
    });
  });

  it.each([
    ["over plain http to another machine", 'Bearer realm="http://tokens.example/token"'],
    ["to nowhere", 'Bearer realm="nonsense"'],
  ])("does not get a password %s", async (_, challenge) => {
    require(challenge, () => false);
    const failure = await failureOf(
      open({ auths: { [server.host]: { auth: base64("alice:secret") } } })
        .repository("a")
        .listings.tags(),
    );
    expect(failure).toContain("token server that cannot be trusted");
  });

  it("is named when its token server gives nonsense, without the nonsense", async () => {
    for (const answer of [{ token: "line\nbreak-secret" }, {}, { token: 5 }]) {
      server.faults.length = 0;
      tokens(() => answer);
      require(bearer(), () => false);
      const failure = await failureOf(open().repository("a").listings.tags());
      expect(failure).toContain("gives something that is not a token");
      expect(failure).not.toContain("break-secret");
      await registries.close();
    }
  });
});

describe("a registry that wants a password", () => {
  it("gets it from the second request on", async () => {
    require('Basic realm="x"', (authorization) => authorization === `Basic ${base64("alice:secret")}`);
    const registry = open({ auths: { [server.host]: { auth: base64("alice:secret") } } });
    await registry.repository("a").listings.tags();
    await registry.repository("a").listings.tags();
    expect(server.seen.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true, true]);
  });

  it("never hears the passwords of others", async () => {
    require('Basic realm="x"', () => false);
    const others = {
      [`${server.host}.example.org`]: { auth: base64("a:secret1") },
      [`x${server.host}`]: { auth: base64("b:secret2") },
      "docker.io": { auth: base64("c:secret3") },
    };
    expect(await failureOf(open({ auths: others }).repository("a").listings.tags())).toContain("registry-refused");
    expect(server.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it("does not get it repeated in a message", async () => {
    server.faults.push((request, response) => {
      const known = request.headers.authorization ?? "";
      response.writeHead(known ? 403 : 401, { "www-authenticate": "Basic" });
      response.end(`you sent ${known} which is ${Buffer.from(known.slice(6), "base64").toString()}`);
      return true;
    });
    const failure = await failureOf(
      open({ auths: { [server.host]: { auth: base64("alice:hunter22") } } })
        .repository("a")
        .listings.tags(),
    );
    expect(failure).toContain("you sent Basic ***");
    expect(failure).not.toContain("hunter22");
    expect(failure).not.toContain(base64("alice:hunter22"));
  });
});

describe("logins", () => {
  const passwordUsed = async (registry: Registry, repository = "a"): Promise<string> => {
    require("Basic", () => false);
    await failureOf(registry.repository(repository).listings.tags());
    return Buffer.from(server.seen.at(-1)?.headers.authorization?.split(" ")[1] ?? "", "base64").toString();
  };

  it("come from the helper of the host", async () => {
    helper("test", `cat >"${folder}/asked"; echo '{"ServerURL":"x","Username":"helped","Secret":"s3"}'`);
    expect(await passwordUsed(open({ credHelpers: { [server.host]: "test" } }))).toBe("helped:s3");
  });

  it("come from the store for all hosts, or from auths where it has none", async () => {
    helper("empty", "echo 'credentials not found in native keychain'; exit 1");
    expect(
      await passwordUsed(open({ credsStore: "empty", auths: { [server.host]: { username: "u", password: "p" } } })),
    ).toBe("u:p");
  });

  it("are those of the longest path", async () => {
    const auths = {
      [server.host]: { auth: base64("host:1") },
      [`${server.host}/group`]: { auth: base64("group:2") },
      [`${server.host}/group/deep`]: { auth: base64("deep:3") },
    };
    const registry = open({ auths });
    expect(await passwordUsed(registry, "group/image")).toBe("group:2");
    expect(await passwordUsed(registry, "group/deep/image")).toBe("deep:3");
    expect(await passwordUsed(registry, "groups/image")).toBe("host:1");
  });

  it("are found under the address that Docker once wrote", async () => {
    expect(await passwordUsed(open({ auths: { [`http://${server.host}/v1/`]: { auth: base64("old:1") } } }))).toBe(
      "old:1",
    );
  });

  it("come from REGISTRY_AUTH_FILE first", async () => {
    const path = join(folder, "auth.json");
    writeFileSync(path, JSON.stringify({ auths: { [server.host]: { auth: base64("file:1") } } }));
    expect(
      await passwordUsed(
        open({ auths: { [server.host]: { auth: base64("docker:1") } } }, { REGISTRY_AUTH_FILE: path }),
      ),
    ).toBe("file:1");
  });

  it.each([
    ["is missing", "gone", "", "it is not in the PATH"],
    ["prints rubbish", "rubbish", "echo s3cret-rubbish", "that are not a login"],
    ["fails", "failing", "echo s3cret-out; echo 'vault is sealed' >&2; exit 3", "vault is sealed"],
    ["has a name that is a path", "../../bin/sh", "", "its name is not one"],
    ["floods", "flood", "yes s3cret", "it ended with SIGTERM"],
  ])("are refused in words when the helper %s", async (_, name, script, message) => {
    if (script) helper(name, script);
    require("Basic", () => false);
    const failure = await failureOf(open({ credsStore: name }).repository("a").listings.tags());
    expect(failure).toContain("credential-helper");
    expect(failure).toContain(message);
    expect(failure).not.toContain("s3cret");
  });

  it("are refused in words, and not quoted, when the file is broken", async () => {
    writeFileSync(join(folder, "config.json"), '{"auths": {"x": {"auth": "s3cret"');
    require("Basic", () => false);
    const failure = await failureOf(open().repository("a").listings.tags());
    expect(failure).toContain(join(folder, "config.json"));
    expect(failure).not.toContain("s3cret");
  });

  it("are not looked for when nobody asks", async () => {
    writeFileSync(join(folder, "config.json"), "broken");
    expect(await open().repository("a").listings.tags()).toEqual([]);
  });
});

describe("a challenge", () => {
  it.each([
    [
      'Bearer realm="https://a/b",service="s, t",scope="repository:x:pull,push"',
      [["bearer", { realm: "https://a/b", service: "s, t", scope: "repository:x:pull,push" }]],
    ],
    ["Basic", [["basic", {}]]],
    [
      'Basic realm="x", Bearer realm=y , error="insufficient_scope"',
      [
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", error: "insufficient_scope" }],
      ],
    ],
    ['BEARER Realm = "a\\"b"', [["bearer", { realm: 'a"b' }]]],
    ["", []],
  ])("is read: %s", (header, expected) => {
    expect(parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])).toEqual(
      expected,
    );
  });
});

describe("scopes", () => {
  it("cover less and not more", () => {
    expect(covers([push("a"), pull("b")], [pull("a")])).toBe(true);
    expect(covers([push("a"), pull("b")], [push("b")])).toBe(false);
    expect(covers([pull("a")], [pull("ab")])).toBe(false);
    expect(covers([push("a"), pull("b")], [push("a"), pull("b")])).toBe(true);
  });
});
