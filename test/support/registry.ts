import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

export interface RunningRegistry {
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly host: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Where it keeps its files. */
  readonly storage: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** `none` when not said. With the others the login is `alice` with the password `secret`. */
  readonly auth?: "none" | "htpasswd" | "token";
  /** Makes a mirror of another registry of it. */
  readonly mirrorOf?: string;
  /** The token server lets everybody read. */
  readonly anonymousPull?: boolean;
}

export const login = { user: "alice", password: "secret" } as const;

/** Starts Debian's docker-registry on a free loopback port with a storage of its own; deleting is allowed. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "registry-"));
  const tokens = options.auth === "token" ? await startTokenServer(folder, options) : undefined;
  const host = `127.0.0.1:${await freePort()}`;
  const storage = join(folder, "storage");
  await mkdir(storage);
  await writeFile(join(folder, "config.json"), JSON.stringify(await configuration(host, folder, options, tokens)));
  const child = spawn("/usr/bin/docker-registry", ["serve", join(folder, "config.json")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = `http://${host}`;
  const stop = async (): Promise<void> => {
    await stopChild(child);
    await tokens?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  await answers(url, child).catch(async (failure: unknown) => {
    await stop();
    throw failure;
  });
  return { host, url, storage, stop };
}

async function configuration(
  host: string,
  folder: string,
  options: RegistryOptions,
  tokens?: TokenServer,
): Promise<object> {
  const auth = tokens
    ? { token: tokens.configuration }
    : options.auth === "htpasswd"
      ? { htpasswd: await passwords(folder) }
      : undefined;
  return {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "storage") },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
    },
    http: { addr: host, secret: "not a secret" },
    ...(auth ? { auth } : {}),
    ...(options.mirrorOf ? { proxy: { remoteurl: options.mirrorOf } } : {}),
  };
}

async function passwords(folder: string): Promise<object> {
  const path = join(folder, "htpasswd");
  await writeFile(path, execFileSync("htpasswd", ["-Bbn", login.user, login.password], { stdio: "pipe" }));
  return { realm: "test", path };
}

/** Until it answers, or has ended, or ten seconds are over. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) break;
    if (
      await fetch(`${url}/v2/`).then(
        () => true,
        () => false,
      )
    )
      return;
    await wait(50);
  }
  throw new Error(`docker-registry does not answer: ${said}`);
}

const stopChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
