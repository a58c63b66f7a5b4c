import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createPlainServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isLoopback, mayBePlain, originOf } from "../../src/registry/origin.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { startHttpRegistry } from "../support/http-registry.ts";

const listen = async (server: ReturnType<typeof createPlainServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

describe("a registry's address", () => {
  it.each([
    ["docker.io", "https://registry-1.docker.io"],
    ["ghcr.io", "https://ghcr.io"],
    ["localhost:5000", "http://localhost:5000"],
    ["127.0.0.1:5000", "http://127.0.0.1:5000"],
    ["[::1]:5000", "http://[::1]:5000"],
    ["registry.lan:5000", "https://registry.lan:5000"],
    ["plain.lan:5000", "http://plain.lan:5000"],
    ["127.0.0.1.example.org", "https://127.0.0.1.example.org"],
    ["localhost.example.org", "https://localhost.example.org"],
  ])("of %s is %s", (host, origin) => expect(originOf(host, ["plain.lan:5000"])).toBe(origin));

  it("is plain only for loopback and where it was said, port and all", () => {
    expect(mayBePlain("plain.lan:5001", ["plain.lan:5000"])).toBe(false);
    expect(["::1", "127.1.2.3", "1127.0.0.1", "localhosts"].map(isLoopback)).toEqual([true, true, false, false]);
  });
});

describe("a proxy", () => {
  /** Sends everything to one registry, whatever name was asked for. */
  const startProxy = async (target: string): Promise<{ url: string; hosts: string[] }> => {
    const hosts: string[] = [];
    const server = createServer((incoming, outgoing) => {
      hosts.push(new URL(incoming.url ?? "").host);
      const path = new URL(incoming.url ?? "").pathname;
      incoming.pipe(
        forward(`http://${target}${path}`, { method: incoming.method }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        }),
      );
    });
    server.on("connect", (incoming, socket) => {
      hosts.push(incoming.url ?? "");
      const [host = "", port = "0"] = target.split(":");
      const tunnel = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        tunnel.pipe(socket).pipe(tunnel);
      });
      for (const end of [tunnel, socket]) end.on("error", () => undefined);
    });
    return { url: `http://127.0.0.1:${await listen(server)}`, hosts };
  };

  it("of the environment is used, except for NO_PROXY and for loopback", async () => {
    const server = await startHttpRegistry();
    onTestFinished(() => server.stop());
    const proxy = await startProxy(server.host);
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: "direct.invalid" };
    const registries = createRegistries({
      environment,
      insecure: ["far.invalid", "direct.invalid"],
      limits: { attempts: 1 },
    });
    onTestFinished(() => registries.close());
    expect(await registries.registryFor("far.invalid").repository("a").listings.tags()).toEqual([]);
    expect(await registries.registryFor(server.host).repository("a").listings.tags()).toEqual([]);
    await expect(registries.registryFor("direct.invalid").repository("a").listings.tags()).rejects.toThrow(
      "cannot be reached",
    );
    expect(proxy.hosts.map((host) => host.replace(/:80$/, ""))).toEqual(["far.invalid"]);
  });
});

describe("a loopback registry with a certificate", () => {
  it("is spoken to over TLS once it says so, and is not trusted without a known certificate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tls-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "pipe" },
    );
    const secure = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end(),
    );
    const securePort = await listen(secure);
    // As Go's server does, one port answers plain http with words and TLS with TLS.
    const port = await listen(
      createPlainServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", (first: Buffer) => {
          if (first[0] !== 0x16)
            return socket.end("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
          const tunnel = connect(securePort, "127.0.0.1", () => {
            tunnel.write(first);
            tunnel.pipe(socket).pipe(tunnel);
          });
          tunnel.on("error", () => undefined);
        });
      }),
    );
    const registries = createRegistries({ environment: {}, limits: { attempts: 5, firstWait: 10_000 } });
    onTestFinished(() => registries.close());
    const failure = await registries
      .registryFor(`localhost:${port}`)
      .repository("a")
      .listings.tags()
      .catch((thrown: unknown) => thrown);
    expect(JSON.stringify(failure)).toMatch(/self-signed certificate/);
    expect(JSON.stringify(failure)).toContain(`GET https://localhost:${port}/v2/a/tags/list`);
  });
});
