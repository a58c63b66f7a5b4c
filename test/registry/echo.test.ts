import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import type { Registries, Registry } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { spelledIn, spellings } from "../support/spellings.ts";

const password = 'hun/ter"2 pa+ß&<7>';
const plainPassword = "Correct-Horse";
const identity = 'identity/to+ken=of "alice"';
const bearer = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlL3N+aWc_";

let folder: string;
let server: HttpRegistry;
let registries: Registries;
let asked: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "echo-"));
  server = await startHttpRegistry();
  asked = [];
});
afterEach(async () => {
  await registries?.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function open(login: object): Registry {
  writeFileSync(join(folder, "config.json"), JSON.stringify(login));
  registries = createRegistries({
    environment: { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"]}` },
    limits: { attempts: 1, firstWait: 1 },
    onRequest: ({ url }) => asked.push(url),
  });
  return registries.registryFor(server.host);
}

const withPassword = () => ({
  auths: { [server.host]: { auth: Buffer.from(`alice:${password}`).toString("base64") } },
});
const withIdentity = () => ({ auths: { [server.host]: { identitytoken: identity } } });

/** Asks for a login first, and then answers so. */
function answerWith(answer: (response: ServerResponse, request: IncomingMessage) => void, challenge = "Basic"): void {
  server.faults.push((request, response) => {
    if (request.url?.startsWith("/token")) return false;
    if (request.headers.authorization === undefined)
      response.writeHead(401, { "www-authenticate": challenge }).end("{}");
    else answer(response, request);
    return true;
  });
}

/** Everything that the failure is told with, and the addresses that were told while it ran. */
async function toldOf(action: Promise<unknown>): Promise<string> {
  const failure = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(failure instanceof FailedError)) throw new Error(`not a FailedError: ${String(failure)}`);
  const texts = failure.diagnostics.flatMap((each) => [each.message, ...each.notes.map(({ message }) => message)]);
  return [failure.message, ...texts, ...asked].join("\n");
}

const error = (code: string, message: string, detail: unknown = null): string =>
  JSON.stringify({ errors: [{ code, message, detail }] });

describe("a password that a registry repeats", () => {
  const ways: Readonly<Record<string, (text: string) => [number, string, string]>> = {
    "in its message": (text) => [403, "application/json", error("DENIED", `you sent ${text} here`, { text })],
    "in its message, which is written by hand": (text) => [
      403,
      "application/json",
      `{"errors":[{"code":"DENIED","message":"you sent ${text} here"}]}`,
    ],
    "in its code": (text) => [403, "application/json", error(text, "no")],
    "in words of its own": (text) => [500, "text/plain", `Authorization header ${text} not accepted`],
    "in a page": (text) => [403, "text/html", `<html><body>You sent <b>${text}</b></body></html>`],
    "in JSON that is no error": (text) => [403, "application/json", `{"details":"${text}","sent":["${text}"]}`],
    "where the message is cut": (text) => [403, "application/json", error("DENIED", `${"x".repeat(270)} ${text}`)],
    "where the body is cut": (text) => [403, "text/plain", `${"x".repeat(185)} ${text}`],
    "in place of what was asked for": (text) => [200, "text/plain", `you sent ${text}`],
  };
  const each = Object.keys(ways).flatMap((way) => Object.keys(spellings).map((spelling) => [way, spelling] as const));

  it.each(each)("%s, as %s, is in no message", async (way, spelling) => {
    const [status, type, body] = (ways[way] as NonNullable<(typeof ways)[string]>)(
      spellings[spelling]?.(password) ?? "",
    );
    answerWith((response) => response.writeHead(status, { "content-type": type }).end(body));
    const registry = open(withPassword());
    const told = [
      await toldOf(registry.repository("a").listings.tags()),
      await toldOf(registry.repository("a").manifests.get("1")),
    ].join("\n");
    expect(spelledIn(told, password)).toEqual([]);
  });

  it("as the header that was sent is in no message", async () => {
    answerWith((response, request) => response.writeHead(403).end(`you sent ${request.headers.authorization}`));
    const told = await toldOf(open(withPassword()).repository("a").listings.tags());
    expect(told).toContain("it says: ");
    expect(spelledIn(told, password)).toEqual([]);
  });

  it("in the type of its answer is in no message", async () => {
    answerWith((response) => response.writeHead(200, { "content-type": `text/${plainPassword}` }).end("{}"));
    const auth = Buffer.from(`alice:${plainPassword}`).toString("base64");
    const told = await toldOf(
      open({ auths: { [server.host]: { auth } } })
        .repository("a")
        .manifests.get("1"),
    );
    expect(told).toContain("of the type");
    expect(told.toLowerCase()).not.toContain("correct");
  });

  it("half in its code and half in its message is in no message", async () => {
    answerWith((response) => response.writeHead(403).end(error(password.slice(0, 9), password.slice(9))));
    const told = await toldOf(open(withPassword()).repository("a").listings.tags());
    expect(told).toContain("it repeats a login");
    expect(told).not.toContain(password.slice(9));
  });

  it("in an address that it sends to is in no message", async () => {
    answerWith((response, request) => {
      if (request.url?.startsWith("/elsewhere")) response.writeHead(500).end();
      else response.writeHead(307, { location: `/elsewhere/${encodeURIComponent(password)}?sig=${bearer}` }).end();
    });
    const told = await toldOf(open(withPassword()).repository("a").listings.tags());
    expect(told).toContain("/elsewhere/***");
    expect(spelledIn(told, password)).toEqual([]);
    expect(told).not.toContain(bearer);
  });

  it("that is very short hides all that the registry says", async () => {
    answerWith((response) => response.writeHead(403).end("the password s3 is wrong"));
    const auth = Buffer.from("alice:s3").toString("base64");
    const told = await toldOf(
      open({ auths: { [server.host]: { auth } } })
        .repository("a")
        .listings.tags(),
    );
    expect(told).toContain('it says: "***"');
  });
});

/** A token service on the same port. */
function tokensWith(answer: (response: ServerResponse, body: string) => void): void {
  server.faults.unshift((request, response) => {
    if (!request.url?.startsWith("/token")) return false;
    const parts: Buffer[] = [];
    request
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => answer(response, String(Buffer.concat(parts))));
    return true;
  });
}

const challenge = (): string => `Bearer realm="${server.url}/token",service="x"`;

describe("a token service", () => {
  it("that repeats the form it was sent does not get the identity token printed", async () => {
    for (const spell of Object.values(spellings)) {
      server.faults.length = 0;
      answerWith((response) => response.end(), challenge());
      tokensWith((response, body) => response.writeHead(400).end(spell(body)));
      const registry = open(withIdentity());
      const told = await toldOf(registry.repository("a").listings.tags());
      expect(spelledIn(told, identity)).toEqual([]);
      await registries.close();
    }
  });

  it.each(Object.keys(spellings))("that repeats the identity token as %s does not get it printed", async (name) => {
    answerWith((response) => response.end(), challenge());
    tokensWith((response) => response.writeHead(401).end(error("UNAUTHORIZED", `bad: ${spellings[name]?.(identity)}`)));
    const told = await toldOf(open(withIdentity()).repository("a").listings.tags());
    expect(told).toContain("it says: UNAUTHORIZED: bad: ");
    expect(spelledIn(told, identity)).toEqual([]);
  });

  it("that sets a new refresh token does not get it printed, though nobody knew it", async () => {
    answerWith((response) => response.end(), challenge());
    tokensWith((response) => response.writeHead(500).end('{"refresh_token":"never-seen-before","expires_in":5}'));
    expect(await toldOf(open(withIdentity()).repository("a").listings.tags())).not.toContain("never-seen");
  });

  it.each(Object.keys(spellings))("gives a token that a registry may repeat as %s", async (name) => {
    answerWith(
      (response) => response.writeHead(403).end(error("DENIED", `not ${spellings[name]?.(bearer)}`)),
      challenge(),
    );
    tokensWith((response) => response.end(JSON.stringify({ token: bearer })));
    const told = await toldOf(open({}).repository("a").listings.tags());
    expect(told).toContain("it says: DENIED: not ");
    expect(spelledIn(told, bearer)).toEqual([]);
  });

  it("that is named with a password does not get it printed", async () => {
    answerWith((response) => response.end());
    server.faults.length = 0;
    server.faults.push((_, response) => {
      response
        .writeHead(401, { "www-authenticate": `Bearer realm="http://me:pass-word@tokens.example/?key=abc"` })
        .end();
      return true;
    });
    const told = await toldOf(open(withIdentity()).repository("a").listings.tags());
    expect(told).toContain("cannot be trusted");
    expect(told).not.toMatch(/pass-word|abc/);
  });
});

describe("a credential helper", () => {
  const failing = async (script: string): Promise<string> => {
    const path = join(folder, "docker-credential-loud");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    answerWith((response) => response.end());
    return toldOf(
      open({ credsStore: "loud", ...withPassword() })
        .repository("a")
        .listings.tags(),
    );
  };

  it("that fails with its own answer in its words does not get it printed", async () => {
    const told = await failing(
      `echo '{"Username":"u","Secret":"s3cret-one"}'; echo "cannot store s3cret-one" >&2; exit 1`,
    );
    expect(told).toContain("it says: ");
    expect(told).not.toContain("s3cret");
  });

  it("that writes its settings does not get a password in them printed", async () => {
    const told = await failing(`echo 'token=s3cret-two at https://me:s3cret-three@vault.example/' >&2; exit 1`);
    expect(told).toContain("vault.example");
    expect(told).not.toContain("s3cret");
  });
});
