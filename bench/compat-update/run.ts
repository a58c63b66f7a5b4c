import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { readImageManifest } from "../../src/registry/image.ts";
import { mapBounded } from "../../src/registry/limiter.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { startRegistry } from "../../test/support/registry.ts";
import { changeInterface, makeCatalogue } from "./catalogue.ts";
import { craneLoop } from "./crane.ts";
import { type CountingProxy, startProxy, type Traffic } from "./proxy.ts";
import { publishScience } from "./science.ts";
import { unavoidable } from "./unavoidable.ts";

/**
 * An interface without RUN changes; every science image gets it, both tags moved. A real registry on loopback, and the
 * program as it is installed. Verdicts are attached in a row of their own, since neither crane nor the script makes any.
 *
 *   node bench/run.mjs compat-update [--images 20] [--size 500000000] [--compat 1000000]
 */
export async function run(options: readonly string[], project: string): Promise<number> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      images: { type: "string", default: "20" },
      size: { type: "string", default: "500000000" },
      compat: { type: "string", default: "1000000" },
      verbose: { type: "boolean", default: false },
    },
  });
  const [images, size, compat] = [Number(values.images), Number(values.size), Number(values.compat)];
  const folder = mkdtempSync(join(tmpdir(), "image-builder-bench-compat-"));
  const registry = await startRegistry();
  const proxy = await startProxy(registry.host);
  try {
    const rows = await measure({ folder, host: registry.host, proxy, project, images, size, compat });
    if (values.verbose) for (const { what, kinds } of rows) console.log(what, kinds);
    return report(rows, images, compat);
  } finally {
    await proxy.close();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Setting {
  readonly folder: string;
  readonly host: string;
  readonly proxy: CountingProxy;
  readonly project: string;
  readonly images: number;
  readonly size: number;
  readonly compat: number;
}

interface Row extends Traffic {
  readonly what: string;
  readonly seconds: number;
  /** Bytes of the manifests, for both tags, and configs that were made. */
  readonly documents?: number;
  /** Megabytes, of the program alone. */
  readonly memory?: number;
}

const repo = "bench";

async function measure({ folder, host, proxy, project, images, size, compat }: Setting): Promise<Row[]> {
  const names = Array.from({ length: images }, (_, at) => `s${String(at).padStart(4, "0")}`);
  const program = join(folder, "dist");
  await promisify(execFile)(process.execPath, ["scripts/build.mjs", program], { cwd: project });
  const registries = createRegistries();
  await publishScience(registries.registryFor(host), repo, names, size);
  await registries.close();
  const catalogue = join(folder, "catalogue");
  makeCatalogue(catalogue, names, compat);
  const rows: Row[] = [];
  const row = async (what: string, work: () => Promise<number | boolean | void>): Promise<void> => {
    proxy.take();
    const started = performance.now();
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    if (result !== false)
      rows.push({ what, seconds, ...proxy.take(), ...(typeof result === "number" && { memory: result }) });
  };
  const build = (cache: string, ...more: string[]) =>
    imageBuilder(program, catalogue, proxy.host, join(folder, cache), more);
  await row("image-builder, first release, files not indexed", () =>
    build("cache", "--since", "all", "--include", "compat/ui", "--no-verdict"),
  );
  changeInterface(catalogue, compat);
  await row("image-builder, update", () => build("cache", "--no-verdict"));
  rows.push({ ...(rows.pop() as Row), documents: await documentsOf(host, names) });
  changeInterface(catalogue, compat);
  await row("image-builder, update by a fresh worker", () => build("fresh", "--no-verdict"));
  changeInterface(catalogue, compat);
  await row("image-builder, update with verdicts attached", () => build("cache"));
  await row("unavoidable requests, nothing there", () => script(proxy.host, names, compat));
  await row("unavoidable requests, update", () => script(proxy.host, names, compat));
  writeFileSync(join(folder, "layer.tar"), readFileSync(join(catalogue, "compat/ui/large.bin")));
  await row("crane append, mutate, tag", () =>
    craneLoop(images > 100 ? undefined : findCrane(), proxy.host, repo, names, tarOf(folder, catalogue)),
  );
  return rows;
}

/** A process of its own, as a script has one. */
async function script(host: string, names: readonly string[], compat: number): Promise<void> {
  const call = `unavoidable(${[host, repo, names, compat, "first"].map((each) => JSON.stringify(each)).join()})`;
  const text = `import(${JSON.stringify(import.meta.url)}).then((bench) => bench.${call})`;
  await promisify(execFile)(process.execPath, ["-e", text]);
}

export { unavoidable };

async function documentsOf(host: string, names: readonly string[]): Promise<number> {
  const registries = createRegistries();
  const sizes = await mapBounded(names, 8, async (name) => {
    const platform = { os: "linux", architecture: "amd64" };
    const image = await readImageManifest(
      registries.registryFor(host).repository(`${repo}/rel/${name}`),
      "1.0",
      platform,
    );
    return image ? image.manifest.config.size + 2 * image.descriptor.size : 0;
  });
  await registries.close();
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Runs the program; its peak of memory in megabytes. */
async function imageBuilder(
  installed: string,
  catalogue: string,
  host: string,
  cache: string,
  more: readonly string[],
): Promise<number> {
  const program = join(installed, "main.js");
  const options = ["build", "--push", "--repo", `${host}/${repo}`, "--root", catalogue, ...more];
  const environment = { ...process.env, XDG_CACHE_HOME: cache };
  const { stderr } = await promisify(execFile)(
    "/usr/bin/env",
    ["bash", "-c", 'exec "$@"', "-", process.execPath, "--import", memoryReporter, program, ...options],
    {
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    },
  ).catch((cause: { stderr?: string; stdout?: string }) => {
    throw new Error(`image-builder failed:\n${cause.stdout ?? ""}${cause.stderr ?? ""}`);
  });
  return Number(/peak-memory (\d+)/.exec(stderr)?.[1] ?? 0);
}

/** Says at the end how much memory the process had at most. */
const memoryReporter = `data:text/javascript,${encodeURIComponent(
  "process.on('exit',()=>process.stderr.write('peak-memory '+Math.round(process.resourceUsage().maxRSS/1024)+'\\n'))",
)}`;

function tarOf(folder: string, catalogue: string): string {
  const file = join(folder, "layer.tar");
  spawnSync("tar", ["-cf", file, "-C", join(catalogue, "compat/ui"), "small.bin", "large.bin"]);
  return file;
}

function findCrane(): string | undefined {
  const kept = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "image-builder-tests/judges/bin/crane");
  return ["crane", kept].find((each) => spawnSync(each, ["version"]).status === 0);
}

function report(rows: readonly Row[], images: number, compat: number): number {
  console.table(
    rows.map(({ what, seconds, requests, sent, received, memory }) => ({
      what,
      seconds: Number(seconds.toFixed(2)),
      "requests per image": Number((requests / images).toFixed(1)),
      "MB sent": Number((sent / 1e6).toFixed(2)),
      "MB received": Number((received / 1e6).toFixed(2)),
      "MB of memory": memory ?? "",
    })),
  );
  const of = (start: string): Row | undefined => rows.find(({ what }) => what.startsWith(start));
  const [update, least, crane] = [of("image-builder, update"), of("unavoidable requests, update"), of("crane")];
  const failures = [
    ...(update && update.requests / images > 12 ? ["more than 12 requests per image"] : []),
    ...(update && update.sent > 1.2 * (compat + (update.documents ?? 0))
      ? ["more than 1.2 times the interface with all manifests and configs"]
      : []),
    ...(update && update.received > 100_000 + 20_000 * images ? ["more was read than manifests and configs"] : []),
    ...(update && least && update.seconds > 2 * least.seconds ? ["more than twice the unavoidable time"] : []),
    ...(update && crane && update.seconds > crane.seconds ? ["slower than crane"] : []),
    ...(update?.memory !== undefined && update.memory > 300 ? ["more than 300 MB of memory"] : []),
  ];
  for (const failure of failures) console.error(`over the limit: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
