import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { type HttpRegistry, startHttpRegistry } from "../../test/support/http-registry.ts";
import { innocent, type Sample, samples } from "./samples.ts";

/**
 * Builds on hostile base images and hostile definitions with the command itself: memory above that of an innocent layer, seconds of the
 * processor, what it says, and how long it takes to end on SIGTERM in the middle of it. Needs `node scripts/build.mjs` before.
 *
 *   node bench/run.mjs hostile [--only TEXT] [--seconds 200]
 */
export async function run(options: readonly string[], project: string): Promise<number> {
  const { values } = parseArgs({
    args: [...options],
    options: { only: { type: "string", default: "" }, seconds: { type: "string", default: "200" } },
  });
  const place = mkdtempSync(join(tmpdir(), "image-builder-bench-hostile-"));
  const registry = await startHttpRegistry();
  try {
    const bench = { place, registry, project, seconds: Number(values.seconds) };
    const usual = await measure(innocent, bench);
    console.log(`an innocent layer: ${usual.megabytes} MB, ${usual.processor} s of the processor`);
    const rows = [];
    for (const sample of samples.filter(({ name }) => name.includes(values.only))) {
      const row = await hold(sample, usual, bench);
      console.log(Object.values(row).join(" | "));
      rows.push(row);
    }
    return report(rows);
  } finally {
    await registry.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

interface Bench {
  readonly place: string;
  readonly registry: HttpRegistry;
  readonly project: string;
  /** After which a run counts as one without end. */
  readonly seconds: number;
}

interface Measured {
  readonly megabytes: number;
  readonly processor: number;
  /** Processor seconds, and seconds by the clock, from SIGTERM on, or from the start. */
  readonly worked: number;
  readonly wall: number;
  readonly code: number | string;
  /** It got SIGTERM. */
  readonly hit: boolean;
  readonly says: string;
}

/** What ends as soon as an innocent layer does has nothing that could be stopped in the middle. */
async function hold(sample: Sample, usual: Measured, bench: Bench) {
  const found = await measure(sample, bench);
  const more = found.processor - usual.processor;
  const stopped = more > 0.5 ? await measure(sample, bench, usual.processor + more / 2) : undefined;
  return {
    sample: sample.name,
    "MB above": found.megabytes - usual.megabytes,
    "processor s": found.processor,
    "wall s": found.wall,
    exit: found.code,
    // It may be over before.
    "SIGTERM: exit": stopped?.hit ? stopped.code : "-",
    "processor s later": stopped?.hit ? stopped.worked : 0,
    "wall s later": stopped?.hit ? stopped.wall : 0,
    says: found.says.slice(0, 400),
  };
}

function report(rows: readonly Awaited<ReturnType<typeof hold>>[]): number {
  const wrong = rows.flatMap((row) => [
    ...(row["MB above"] > 150 ? [`${row.sample}: more than 150 MB`] : []),
    ...(row["processor s"] > 10 ? [`${row.sample}: more than 10 s of the processor`] : []),
    // By the processor: on a busy machine the clock tells of others.
    ...(row["processor s later"] > 1 ? [`${row.sample}: more than a second after SIGTERM`] : []),
    ...([0, 1, 2, 3].includes(Number(row.exit)) ? [] : [`${row.sample}: ends with ${row.exit}`]),
  ]);
  for (const each of wrong) console.error(`over the limit at ${each}`);
  return wrong.length === 0 ? 0 : 1;
}

/** `stopAt`: seconds of the processor at which it gets SIGTERM; `wall` and `worked` then count from there. */
async function measure(sample: Sample, bench: Bench, stopAt?: number): Promise<Measured> {
  const root = mkdtempSync(join(bench.place, "run-"));
  try {
    const base = publish(sample, bench.registry);
    makeCatalogue(join(root, "catalogue"), sample, base);
    return await build(root, bench, stopAt);
  } finally {
    rmSync(root, { recursive: true, force: true });
    bench.registry.store.repositories.clear();
  }
}

function publish(sample: Sample, { host, store }: HttpRegistry): string {
  const { blobs } = store.repository("base");
  const put = (bytes: Buffer, mediaType: string) => {
    const digest = sha256Digest(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const parts = sample.layers();
  const layers = parts.map(({ bytes, mediaType = oci.layerGzip }) => put(bytes, mediaType));
  const config = {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: parts.map(({ tar, bytes }): Digest => sha256Digest(tar ?? bytes)) },
    ...sample.config?.(),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: oci.manifest,
    config: put(Buffer.from(JSON.stringify(config)), oci.config),
    layers,
  };
  store.storeManifest("base", "1", { mediaType: oci.manifest, bytes: Buffer.from(JSON.stringify(manifest)) });
  return `${host}/base:1`;
}

function makeCatalogue(root: string, sample: Sample, base: string): void {
  const write = (path: string, text: Buffer | string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const dockerfile = sample.dockerfile ?? "COPY data /data/\n";
  write("compat/jupyter/sciserver-image.json", "{}");
  write("compat/jupyter/Dockerfile", "ENV JUPYTER=1\n");
  write("science/hostile/sciserver-image.json", '{"image": "hostile", "version": "1", "compat": "jupyter"}');
  write("science/hostile/Dockerfile", `FROM ${base}\n${dockerfile.replaceAll("BASE", base)}`);
  write("science/hostile/data", "data\n");
  for (const [path, text] of Object.entries(sample.files?.() ?? {})) write(`science/hostile/${path}`, text);
  const git = (...words: string[]): void =>
    void execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...words], { cwd: root });
  git("init", "-q", "-b", "main");
  git("add", "-A", "-f");
  git("commit", "-q", "-m", "catalogue");
}

/** Tells at its end what it used. The highest resident size is Linux's `VmHWM`: `maxRSS` begins with that of the process which started it. */
const usage = `const fs = require("node:fs");
process.on("exit", () => {
  const kilobytes = Number(/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]);
  const { user, system } = process.cpuUsage();
  fs.writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ kilobytes, processor: user + system }));
});
`;

async function build(root: string, { registry, project, seconds }: Bench, stopAt?: number): Promise<Measured> {
  writeFileSync(join(root, "usage.cjs"), usage);
  const words = ["build", "--since", "all", "--engine", "assemble", "--repo", `${registry.host}/made`];
  const child = spawn(
    process.execPath,
    ["--require", join(root, "usage.cjs"), join(project, "dist/main.js"), ...words, "--output", `oci:${root}/layout`],
    {
      cwd: join(root, "catalogue"),
      env: { ...process.env, XDG_CACHE_HOME: join(root, "cache"), BENCH_USAGE: join(root, "usage.json") },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-20_000)));
  let since = performance.now();
  let usedBefore = 0;
  let hit = false;
  const end = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  const watch = setInterval(() => {
    const sofar = processorOf(child.pid);
    if (hit || stopAt === undefined || sofar < stopAt) return;
    hit = true;
    usedBefore = sofar;
    since = performance.now();
    child.kill("SIGTERM");
  }, 20);
  const code = await new Promise<number | string>((resolve) =>
    child.once("close", (status, signal) => resolve(status ?? signal ?? "?")),
  );
  clearTimeout(end);
  clearInterval(watch);
  const total = used(root);
  const worked = round(total.processor - usedBefore);
  return { ...total, worked, wall: round((performance.now() - since) / 1000), code, hit, says: firstError(said) };
}

/** Seconds so far, from the ticks of `/proc/PID/stat`, of which there are a hundred in a second. */
function processorOf(pid = 0): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

function used(root: string): { megabytes: number; processor: number } {
  try {
    const { kilobytes, processor } = JSON.parse(readFileSync(join(root, "usage.json"), "utf8"));
    return { megabytes: Math.round(kilobytes / 1024), processor: round(processor / 1e6) };
  } catch {
    return { megabytes: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY };
  }
}

const firstError = (said: string): string =>
  said.split("\n").find((line) => /error\[|internal error|Error:/.test(line)) ?? said.trim().split("\n").at(-1) ?? "";

const round = (value: number): number => Math.round(value * 100) / 100;
