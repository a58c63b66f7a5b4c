import { execFileSync } from "node:child_process";
import { createSign, randomUUID, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface TokenServer {
  /** The `auth.token` section of a registry that trusts it. */
  readonly configuration: object;
  readonly requests: readonly URL[];
  stop(): Promise<void>;
}

/** A server as https://distribution.github.io/distribution/spec/auth/token/ describes; `alice` with `secret` may do anything. */
export async function startTokenServer(
  folder: string,
  options: { readonly anonymousPull?: boolean } = {},
): Promise<TokenServer> {
  const keyPath = join(folder, "token.key");
  const certificatePath = join(folder, "token.crt");
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "30",
      "-subj",
      "/CN=test",
      "-keyout",
      keyPath,
      "-out",
      certificatePath,
    ],
    { stdio: "pipe" },
  );
  const sign = signer(await readFile(keyPath, "utf8"), await readFile(certificatePath, "utf8"));
  const requests: URL[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, sign, options, requests);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    configuration: { realm, service, issuer, rootcertbundle: certificatePath },
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const service = "test-registry";
const issuer = "test-issuer";
const refreshToken = "refresh-me";

type Sign = (claims: object) => string;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sign: Sign,
  options: { readonly anonymousPull?: boolean },
  requests: URL[],
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://token.test");
  requests.push(url);
  let body = "";
  for await (const part of request) body += String(part);
  const form = new URLSearchParams(body);
  const known =
    request.headers.authorization === `Basic ${Buffer.from("alice:secret").toString("base64")}` ||
    form.get("refresh_token") === refreshToken;
  if (!known && (request.headers.authorization || body))
    return void response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}');
  const scopes = body ? (form.get("scope") ?? "").split(" ") : url.searchParams.getAll("scope");
  const token = sign(claims(known ? "alice" : "", scopes, known ? undefined : options.anonymousPull ? ["pull"] : []));
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ token, access_token: token, expires_in: 300 }));
}

function claims(subject: string, scopes: readonly string[], allowed: readonly string[] | undefined): object {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.filter(Boolean).map((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return {
      type,
      name,
      actions: actions.split(",").filter((action) => allowed === undefined || allowed.includes(action)),
    };
  });
  return {
    iss: issuer,
    sub: subject,
    aud: service,
    exp: now + 300,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access,
  };
}

function signer(key: string, certificate: string): Sign {
  const header = { typ: "JWT", alg: "RS256", x5c: [new X509Certificate(certificate).raw.toString("base64")] };
  return (payload) => {
    const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
  };
}
