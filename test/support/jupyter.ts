import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { freePort } from "./free-port.ts";
import { engineEnvironment, type TestEngine } from "./world.ts";

const run = promisify(execFile);

/** A container of an image of this catalogue with the interface `jupyter`. */
export interface JupyterServer {
  /** Without token; ends with a slash. */
  readonly url: string;
  readonly token: string;
  /** What the server has printed so far. */
  log(): Promise<string>;
  /** Asks the server to end and waits for it; its exit code, which is 0 when the request reached it. */
  stop(): Promise<number>;
}

/** Starts the image's own entry point on loopback and waits until it serves. The image must be in the engine's store. */
export async function startJupyter(engine: TestEngine, image: string): Promise<JupyterServer> {
  const port = await freePort();
  const token = "only-for-this-test";
  const options = ["--ip", "127.0.0.1", "--port", String(port), "--token", token];
  const id = (await docker(engine, "run", "--detach", "--network=host", image, ...options)).stdout.trim();
  const log = async () => both(await docker(engine, "logs", id));
  const stop = async () => {
    await docker(engine, "stop", id);
    const code = (await docker(engine, "inspect", "--format", "{{.State.ExitCode}}", id)).stdout.trim();
    await docker(engine, "rm", "--force", id);
    return Number(code);
  };
  const url = `http://127.0.0.1:${port}/`;
  if (await serves(url, token)) return { url, token, log, stop };
  const words = await log();
  await stop();
  throw new Error(`Jupyter of ${image} did not serve within a minute; it said:\n${words}`);
}

/** A notebook opened by hand, so to speak: in Chromium, from the menu of Jupyter's start page. */
export interface OpenNotebook {
  /** Runs the code in a new cell at the end; what it printed, or the words of its error. */
  run(code: string): Promise<string>;
  /** Pictures that the cells have shown so far. */
  pictures(): Promise<number>;
  /** Parts of the page that could not be loaded, and errors of its scripts. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** `kernel` is the name of the kernel: `python3`, or `ir` for R. */
export async function openNotebook(
  browser: string,
  { url, token }: JupyterServer,
  kernel: string,
): Promise<OpenNotebook> {
  const profile = await mkdtemp(join(tmpdir(), "jupyter-test-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath: browser, args: quiet });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  try {
    const complaints = collectComplaints(context, url);
    const page = await newNotebook(context, `${url}tree?token=${token}`, kernel);
    return {
      complaints,
      close,
      run: (code) => runCell(page, code),
      pictures: () => page.locator(".output_png img").count(),
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** As root Chromium has no sandbox, and without the rest it asks hosts on the internet for news. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function collectComplaints(context: BrowserContext, url: string): string[] {
  const complaints: string[] = [];
  context.on("response", (response) => {
    if (response.url().startsWith(`${url}static/`) && response.status() >= 400)
      complaints.push(`${response.status()} ${response.url()}`);
  });
  context.on("weberror", (problem) => complaints.push(String(problem.error())));
  return complaints;
}

async function newNotebook(context: BrowserContext, startPage: string, kernel: string): Promise<Page> {
  const tree = await context.newPage();
  await tree.goto(startPage);
  await tree.locator("#new-dropdown-button").click();
  const [page] = await Promise.all([context.waitForEvent("page"), tree.locator(`#kernel-${kernel} a`).click()]);
  await page.waitForURL(/\/notebooks\//);
  await page.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor({ timeout: 60_000 });
  return page;
}

async function runCell(page: Page, code: string): Promise<string> {
  const cells = page.locator(".code_cell");
  // Running the last cell adds another, which `last()` would then mean.
  const cell = cells.nth((await cells.count()) - 1);
  await cell.locator(".CodeMirror").click();
  await page.keyboard.insertText(code);
  await page.keyboard.press("Shift+Enter");
  const prompt = cell.locator(".input_prompt");
  await prompt.filter({ hasText: /\[\d+\]/ }).waitFor({ timeout: 120_000 });
  return (await cell.locator(".output_subarea:not(.output_png)").allInnerTexts()).join("\n");
}

/** What a batch job left: its streams and exit status as container, and the files in its working directory by name. */
export interface JobResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs `startup.sh --job --cwd DIR …job` as the image's user, with the files given put into DIR before; `job` names them
 * relative to it. No folder of this machine is mounted, and there is no network.
 */
export async function runJob(
  engine: TestEngine,
  image: string,
  job: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<JobResult> {
  const directory = "/home/idies/workspace/job";
  const script = `mkdir -p ${directory} && cd ${directory}; ${Object.entries(files)
    .map(([name, text]) => `printf %s ${quote(text)} >${quote(name)}`)
    .join("; ")}; exec /opt/sciserver/startup.sh "$@"`;
  const started = ["run", "--detach", "--network=none", "--entrypoint", "/bin/sh", image, "-c", script, "sh"];
  const id = (await docker(engine, ...started, "--job", "--cwd", directory, ...job)).stdout.trim();
  try {
    const status = Number((await docker(engine, "wait", id)).stdout);
    const { stdout, stderr } = await docker(engine, "logs", id);
    return { status, stdout, stderr, files: await jobFiles(engine, id, directory) };
  } finally {
    await docker(engine, "rm", "--force", id);
  }
}

async function jobFiles(engine: TestEngine, id: string, directory: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "job-test-"));
  try {
    await docker(engine, "cp", `${id}:${directory}/.`, folder);
    const names = (await readdir(folder)).sort();
    const contents = names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const);
    return Object.fromEntries(await Promise.all(contents));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function docker(engine: TestEngine, ...args: string[]) {
  const env = { ...process.env, ...engineEnvironment(engine) };
  return run(engine.client, args, { env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

const both = ({ stdout, stderr }: { stdout: string; stderr: string }): string => stdout + stderr;

async function serves(url: string, token: string): Promise<boolean> {
  for (let tries = 0; tries < 120; tries += 1) {
    const answer = await fetch(`${url}api/status?token=${token}`).catch(() => undefined);
    if (answer?.ok) return true;
    await sleep(500);
  }
  return false;
}
