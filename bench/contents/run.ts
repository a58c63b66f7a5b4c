import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mergeFacts } from "../../src/contents/merge.ts";
import { listPackages } from "../../src/contents/packages.ts";
import { readLayer } from "../../src/contents/read-layer.ts";
import { openLayer } from "../../src/files/decompress.ts";
import { Budget } from "../../src/files/limits.ts";
import { createHasher } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";

/**
 * Reads the facts of layers that are made of this machine's own /usr, and holds the processor time of the first against
 * `gunzip | tar t` on it, and the memory of all against 200 MB. Digests of the compressed and of the plain bytes are taken as well.
 *
 *   node bench/run.mjs contents [--layers 1] [--megabytes 1000]
 */
export async function run(options: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...options],
    options: { layers: { type: "string", default: "1" }, megabytes: { type: "string", default: "1000" } },
  });
  const folder = mkdtempSync(join(tmpdir(), "image-builder-bench-contents-"));
  try {
    const files = makeLayers(folder, Number(values.layers), Number(values.megabytes));
    const first = files[0] ?? "";
    const peer = processorTime('gunzip -c "$1" | tar t >/dev/null', first);
    const before = process.cpuUsage();
    const layers = [await factsOf(first)];
    const { user, system } = process.cpuUsage(before);
    for (const file of files.slice(1)) layers.push(await factsOf(file));
    const { packages } = listPackages(await mergeFacts(layers, Number.POSITIVE_INFINITY));
    const own = (user + system) / 1e6;
    const memory = process.resourceUsage().maxRSS / 1024;
    const row = { layers: layers.length, packages: packages.length, "facts s": own, "gunzip | tar t s": peer };
    console.table([{ ...row, ratio: own / peer, "memory MB": memory }]);
    const failed = own > peer || memory > 200;
    if (failed) console.error("over the limit: at most the time of gunzip | tar t and 200 MB are expected");
    return failed ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Layers of so many megabytes, the last one of what is left. */
function makeLayers(folder: string, count: number, megabytes: number): string[] {
  const script = `
    find /usr -xdev -type f -size -60M -printf '%s\\t%p\\n' | LC_ALL=C sort -k 2 |
      awk -F '\\t' -v most="$2" -v last="$3" -v folder="$1" '
        { sum += $1; at = int(sum / most); if (at >= last) exit; print $2 > (folder "/list-" at) }'
    for list in "$1"/list-*; do tar -C / -cf - -T "$list" 2>/dev/null | gzip -4 >"$1/layer-\${list##*-}.tar.gz"; done`;
  execFileSync("bash", ["-c", script, "bash", folder, String(megabytes * 1e6), String(count)], { stdio: "inherit" });
  return Array.from({ length: count }, (_, at) => join(folder, `layer-${at}.tar.gz`)).filter((file) =>
    existsSync(file),
  );
}

async function factsOf(file: string) {
  const [outer, inner] = [createHasher(), createHasher()];
  const blob = createReadStream(file, { highWaterMark: 256 * 1024 });
  blob.on("data", (part) => outer.update(Buffer.from(part)));
  const tar = openLayer({ mediaType: oci.layerGzip, size: Number.MAX_SAFE_INTEGER }, blob);
  const { facts } = await readLayer(
    hashed(tar, inner),
    `sha256:${"0".repeat(64)}` as never,
    new Budget(Number.POSITIVE_INFINITY),
  );
  return { ...facts, diffId: inner.end().digest };
}

async function* hashed(source: AsyncIterable<Buffer>, hasher: ReturnType<typeof createHasher>) {
  for await (const part of source) {
    hasher.update(part);
    yield part;
  }
}

/** User and system seconds of a script and of what it starts. */
function processorTime(script: string, file: string): number {
  const { stderr } = spawnSync("bash", ["-c", `TIMEFORMAT='%U %S'; time (${script})`, "bash", file], {
    encoding: "utf8",
  });
  const [user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return user + system;
}
