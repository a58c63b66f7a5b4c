import { spawn } from "node:child_process";
import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { redactor } from "../diagnostics/redact.ts";
import { quoteStart } from "../oci/untrusted.ts";
import type { Credential } from "./credentials.ts";
import type { Secrets } from "./secrets.ts";

/**
 * Asks `docker-credential-NAME` for a server's login; https://github.com/docker/docker-credential-helpers#development
 * Undefined when it has none. Nothing of its standard output is ever part of a message, since that may be the password, also
 * where its other words repeat it.
 */
export async function askHelper(
  name: string,
  server: string,
  environment: Environment,
  secrets: Secrets,
): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw broken(name, server, "its name is not one");
  const { code, stdout, stderr } = await runHelper(name, server, environment);
  if (code !== 0) {
    if (/credentials not found/i.test(stdout)) return undefined;
    throw broken(
      name,
      server,
      `it ended with ${code}`,
      stderr.trim() === "" ? undefined : `it says: ${quoteStart(redactWords(stderr, stdout, secrets), 200)}`,
    );
  }
  const parsed = answerSchema.safeParse(tryJson(stdout));
  if (!parsed.success) throw broken(name, server, `it printed ${stdout.length} characters that are not a login`);
  const { Username: user, Secret: secret } = parsed.data;
  if (user === "" && secret === "") return undefined;
  const credential: Credential =
    user === "<token>" ? { kind: "identity", token: secret } : { kind: "password", user, password: secret };
  secrets.addLogin(credential);
  return credential;
}

function redactWords(stderr: string, stdout: string, secrets: Secrets): string {
  const { data } = answerSchema.safeParse(tryJson(stdout));
  const printed = [...stdout.split("\n"), ...(data ? [data.Secret] : [])].filter((each) => each.trim() !== "");
  return redactor(printed)(secrets.redact(stderr.trim()));
}

type Environment = Readonly<Record<string, string | undefined>>;

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

interface HelperResult {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const outputLimit = 64 * 1024;
const timeLimit = 60_000;

function runHelper(name: string, server: string, environment: Environment): Promise<HelperResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, ["get"], { env: { ...environment }, stdio: "pipe" });
    const output = { stdout: "", stderr: "" };
    // Closing the pipes also ends what the helper has started itself.
    const stop = (): void => {
      child.kill();
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(stop, timeLimit);
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
        if (output[stream].length > outputLimit) stop();
      });
    }
    child.on("error", (cause: NodeJS.ErrnoException) => reject(cannotStart(name, server, cause)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal ?? "no code", ...output });
    });
    child.stdin.on("error", () => undefined); // one that ends without reading says so by its exit code
    child.stdin.end(server);
  });
}

const cannotStart = (name: string, server: string, cause: NodeJS.ErrnoException): FailedError =>
  cause.code === "ENOENT"
    ? broken(name, server, "it is not in the PATH", "the docker configuration names it as credsStore or in credHelpers")
    : broken(name, server, cause.message);

const broken = (name: string, server: string, why: string, note?: string): FailedError =>
  new FailedError([
    error(
      "credential-helper",
      `the credential helper ${quoteStart(`docker-credential-${name}`)} cannot be asked for ${server}: ${why}`,
      note ? { notes: [{ message: note }] } : {},
    ),
  ]);

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
