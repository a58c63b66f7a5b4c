import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { readImageManifest } from "../../src/registry/image.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { startHttpRegistry } from "../../test/support/http-registry.ts";
import { startRegistry } from "../../test/support/registry.ts";
import { changeInterface, makeCatalogue } from "./catalogue.ts";
import { type CountingProxy, startProxy, type Traffic } from "./proxy.ts";
import { publishScience } from "./science.ts";
import { unavoidable, type Work } from "./unavoidable.ts";

/**
 * An interface without RUN changes; every science image gets it, both tags moved, a statement attached: as people run it. Beside
 * it, in turn, a script that makes the unavoidable requests and nothing else.
 *
 *   node bench/run.mjs compat-update [--images 20] [--size 500000000] [--compat 1000000] [--pairs 15] [--registry NAME]
 *
 * Registries: `docker` (Debian's docker-registry, without referrers API), `referrers` (one of this process with that API), and
 * `at-once` (the same, which also takes short blobs in one request).
 */
export async function run(options: readonly string[], project: string): Promise<number> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      images: { type: "string", default: "20" },
      size: { type: "string", default: "500000000" },
      compat: { type: "string", default: "1000000" },
      pairs: { type: "string", default: "15" },
      registry: { type: "string", default: "docker,referrers,at-once" },
      verbose: { type: "boolean", default: false },
    },
  });
  const numbers = { images: Number(values.images), size: Number(values.size), compat: Number(values.compat) };
  const folder = mkdtempSync(join(tmpdir(), "image-builder-bench-compat-"));
  try {
    const program = join(folder, "dist");
    await promisify(execFile)(process.execPath, ["scripts/build.mjs", program], { cwd: project });
    const rows: Row[] = [];
    for (const kind of values.registry.split(",") as Kind[]) {
      const setting = { ...numbers, pairs: Number(values.pairs), folder: join(folder, kind), program, kind };
      rows.push(...(await measureOn(setting)));
    }
    if (values.verbose) for (const { what, program: last } of rows) console.log(what, last.kinds);
    return report(rows, numbers.images);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Kind = "docker" | "referrers" | "at-once";

interface Setting {
  readonly images: number;
  readonly size: number;
  readonly compat: number;
  readonly pairs: number;
  readonly folder: string;
  readonly program: string;
  readonly kind: Kind;
}

interface Measured extends Traffic {
  readonly seconds: number;
}

interface Row {
  readonly what: string;
  /** Medians of seconds, counts of the last run. */
  readonly program: Measured;
  readonly script: Measured;
  /** Requests for each image that may not be exceeded. */
  readonly most: number;
}

const repo = "bench";

async function measureOn(setting: Setting): Promise<Row[]> {
  const { kind } = setting;
  const registry =
    kind === "docker" ? await startRegistry() : await startHttpRegistry({ takesAtOnce: kind === "at-once" });
  const proxy = await startProxy(registry.host);
  try {
    return await measure(setting, registry.host, proxy);
  } finally {
    await proxy.close();
    await registry.stop();
  }
}

async function measure(setting: Setting, host: string, proxy: CountingProxy): Promise<Row[]> {
  const { images, size, compat, folder, program, kind, pairs } = setting;
  const names = Array.from({ length: images }, (_, at) => `s${String(at).padStart(4, "0")}`);
  const registries = createRegistries();
  await publishScience(registries.registryFor(host), repo, names, size);
  const catalogue = join(folder, "catalogue");
  makeCatalogue(catalogue, names, compat);
  const build = (cache: string, ...more: string[]) =>
    imageBuilder(program, catalogue, proxy.host, join(folder, cache), more);
  await build("warm", "--since", "all", "--include", "compat/ui");
  const common = {
    host: proxy.host,
    repo,
    names,
    layer: compat,
    target: "script",
    referrers: kind !== "docker",
    atOnce: kind === "at-once",
    ...(await sizesOf(registries.registryFor(host).repository(`${repo}/rel/${names[0]}`))),
  };
  await registries.close();
  await unavoidable({ ...common, unique: "1.0-1-abc", mounts: true });
  const rows: Row[] = [];
  let count = 1;
  for (const worker of ["first", "warm"]) {
    const measured: { program: Measured; script: Measured }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      changeInterface(catalogue, compat);
      count += 1;
      const cache = worker === "warm" ? "warm" : `first-${pair}`;
      const ours = () => timed(proxy, () => build(cache));
      const script = () => timed(proxy, () => asProcess({ ...common, unique: `1.0-${count}-abc`, mounts: false }));
      // In turn, so that neither has the better half of a busy machine.
      const [one, other] = pair % 2 === 0 ? [await ours(), await script()] : [await script(), await ours()];
      measured.push(pair % 2 === 0 ? { program: one, script: other } : { program: other, script: one });
    }
    const what = `${kind}, ${worker} worker`;
    // A worker without cache asks for the facts of each science image (a list, a manifest, a blob).
    const most = (kind === "docker" ? 17 : 14) + (worker === "first" ? 3 : 0);
    rows.push({ what, most, program: middle(measured, "program"), script: middle(measured, "script") });
  }
  return rows;
}

async function timed(proxy: CountingProxy, work: () => Promise<void>): Promise<Measured> {
  proxy.take();
  const started = performance.now();
  await work();
  return { seconds: (performance.now() - started) / 1000, ...proxy.take() };
}

function middle<K extends string>(measured: readonly Readonly<Record<K, Measured>>[], key: K): Measured {
  const seconds = measured.map((each) => each[key].seconds).sort((a, b) => a - b);
  const last = measured.at(-1)?.[key] as Measured;
  return { ...last, seconds: seconds[Math.floor(seconds.length / 2)] ?? 0 };
}

/** Bytes of the config and of the statement that the program has published. */
async function sizesOf(
  repository: ReturnType<ReturnType<typeof createRegistries>["registryFor"]>["repository"] extends (
    path: string,
  ) => infer R
    ? R
    : never,
) {
  const image = await readImageManifest(repository, "1.0", { os: "linux", architecture: "amd64" });
  const [referrer] = image ? await repository.listings.referrers(image.descriptor.digest) : [];
  const attached = referrer && (await readImageManifest(repository, referrer.digest, { os: "", architecture: "" }));
  return { config: image?.manifest.config.size ?? 0, statement: attached?.manifest.layers[0]?.size ?? 0 };
}

/** A process of its own, as a script has one. */
async function asProcess(work: Work): Promise<void> {
  const text = `import(${JSON.stringify(import.meta.url)}).then((bench) => bench.unavoidable(${JSON.stringify(work)}))`;
  await promisify(execFile)(process.execPath, ["-e", text], { maxBuffer: 64 * 1024 * 1024 });
}

export { unavoidable };

async function imageBuilder(
  installed: string,
  catalogue: string,
  host: string,
  cache: string,
  more: readonly string[],
): Promise<void> {
  const program = join(installed, "main.js");
  const options = ["build", "--push", "--repo", `${host}/${repo}`, "--root", catalogue, ...more];
  await promisify(execFile)(process.execPath, [program, ...options], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    maxBuffer: 64 * 1024 * 1024,
  }).catch((cause: { stderr?: string; stdout?: string }) => {
    throw new Error(`image-builder failed:\n${cause.stdout ?? ""}${cause.stderr ?? ""}`);
  });
}

function report(rows: readonly Row[], images: number): number {
  const two = (value: number): number => Number(value.toFixed(2));
  console.table(
    rows.map(({ what, program, script }) => ({
      what,
      "requests an image": two(program.requests / images),
      "of the script": two(script.requests / images),
      "MB sent": two(program.sent / 1e6),
      "× sent": two(program.sent / script.sent),
      "kB received an image": two(program.received / 1000 / images),
      seconds: two(program.seconds),
      "seconds of the script": two(script.seconds),
      "× seconds": two(program.seconds / script.seconds),
    })),
  );
  const failures = rows.flatMap(({ what, program, script, most }) => [
    ...(program.requests / images > most ? [`${what}: more than ${most} requests an image`] : []),
    ...(program.sent > 1.1 * script.sent ? [`${what}: more than 1.1 times the bytes`] : []),
    ...(program.seconds > 1.5 * script.seconds ? [`${what}: more than 1.5 times the script's time`] : []),
  ]);
  for (const failure of failures) console.error(`over the limit: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
