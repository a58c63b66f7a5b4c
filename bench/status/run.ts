import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { composeBuilds, contextDirectories } from "../../src/compose/compose.ts";
import { readyLabels } from "../../src/compose/labels.ts";
import type { ImageBuild, Pin } from "../../src/compose/model.ts";
import { readContexts } from "../../src/engines/context.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { parseReferenceOrThrow } from "../../src/oci/reference.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { plan as makePlan } from "../../src/run/plan.ts";
import { withSession } from "../../src/run/session.ts";
import { surveyPublished, surveyStatus } from "../../src/status/survey.ts";
import { startRegistry } from "../../test/support/registry.ts";

/**
 * Publishes N image-versions of one science layer each to a real registry on loopback (labels and manifests, no engine) and
 * asks for their state: seconds and requests of `status`, and of the survey behind `--since published`, in this process and,
 * with the program's start, as a command.
 *
 *   node bench/run.mjs status [--images 250,1000] [--versions 1,4] [--runs 5]
 */
export async function run(options: readonly string[], project: string): Promise<number> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      images: { type: "string", default: "250,1000" },
      versions: { type: "string", default: "1,4" },
      runs: { type: "string", default: "5" },
    },
  });
  const server = await startRegistry();
  try {
    const rows = [];
    for (const versions of values.versions.split(","))
      for (const count of values.images.split(","))
        rows.push(await measure(Number(count), Number(versions), Number(values.runs), server.host, project));
    console.table(rows);
    return report(rows);
  } finally {
    await server.stop();
  }
}

type Row = Awaited<ReturnType<typeof measure>>;

function report(rows: readonly Row[]): number {
  const problems = rows.flatMap((row) => [
    ...(row["requests each"] > 4 ? [`${row.images}: more than 4 requests for an image-version`] : []),
    ...(row.images === 1000 && row["status command s"] > 15 ? [`${row.images}: status takes more than 15 s`] : []),
    ...(row["published / status"] > 1.5 ? [`${row.images}: --since published takes more than 1.5 times as long`] : []),
  ]);
  for (const each of problems) console.error(`over the limit at ${each}`);
  return problems.length === 0 ? 0 : 1;
}

async function measure(count: number, versions: number, runs: number, host: string, project: string) {
  const root = mkdtempSync(join(tmpdir(), "image-builder-bench-status-"));
  try {
    makeCatalogue(root, count, versions);
    const repo = `${host}/bench-${versions}-${count}`;
    await publish(root, repo);
    const [status, published] = await timed(runs, root, repo);
    const wrong = status.found.statuses.filter(({ states }) => states[0] !== "current").length;
    if (wrong > 0 || published.found.notPublished.size > 0) throw new Error(`${wrong} images are not told as current`);
    return {
      images: count,
      "versions of each": versions,
      "status s": status.seconds,
      "requests each": round(status.requests / count),
      "published s": published.seconds,
      "requests each (published)": round(published.requests / count),
      "published / status": round(published.seconds / status.seconds),
      "status command s": command(project, root, repo, ["status"]),
      "plan command s": command(project, root, repo, ["plan", "--since", "published"]),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One after the other, so that a busy moment of the machine meets both; the best run of each counts. */
async function timed(runs: number, root: string, repo: string) {
  const { catalogue, changes } = await withSession({ root, settings: { repo } }, (session) =>
    session.read("published"),
  );
  const once = async <T>(survey: (options: Parameters<typeof surveyStatus>[0]) => Promise<T>) => {
    let requests = 0;
    const registries = createRegistries({ onRequest: () => (requests += 1) });
    const start = performance.now();
    const found = await survey({ catalogue, changes, registries });
    const seconds = round((performance.now() - start) / 1000);
    await registries.close();
    return { found, requests, seconds };
  };
  let [status, published] = [await once(surveyStatus), await once(surveyPublished)];
  for (let at = 1; at < runs; at += 1) {
    const [again, too] = [await once(surveyStatus), await once(surveyPublished)];
    if (again.seconds < status.seconds) status = again;
    if (too.seconds < published.seconds) published = too;
  }
  return [status, published] as const;
}

function command(project: string, cwd: string, repo: string, words: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(project, "dist/main.js"), ...words, "--repo", repo], {
    cwd,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${words[0]} ended with ${status}: ${stderr}`);
  return round((performance.now() - start) / 1000);
}

function makeCatalogue(root: string, count: number, versions: number): void {
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  mkdirSync(join(root, "compat/jupyter"), { recursive: true });
  write("compat/jupyter/sciserver-image.json", "{}");
  write("compat/jupyter/Dockerfile", "ENV JUPYTER=1\n");
  for (let at = 0; at < count; at += 1) {
    const definition = {
      image: `image-${Math.floor(at / versions)}`,
      version: `1.${at % versions}`,
      compat: "jupyter",
    };
    mkdirSync(join(root, `science/layer-${at}`), { recursive: true });
    write(`science/layer-${at}/sciserver-image.json`, JSON.stringify(definition));
    write(`science/layer-${at}/Dockerfile`, `FROM debian:bookworm-slim\nCOPY data /data\nENV LAYER=${at}\n`);
    write(`science/layer-${at}/data`, `data of ${at}\n`);
  }
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], { cwd: root });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "catalogue");
  git("commit", "-q", "--allow-empty", "-m", "next");
}

/** Manifests with the labels of real builds on one small layer. */
async function publish(root: string, repo: string): Promise<void> {
  const { plan, catalogue, changes } = await withSession({ root, settings: { repo } }, (session) =>
    makePlan(session, { since: "all" }),
  );
  const contexts = await readContexts(root, contextDirectories(plan, catalogue), changes);
  const registries = createRegistries({ concurrency: 16 });
  const images = new Map<string, { digest: Digest; labels: Record<string, string> }>();
  const push = async (build: ImageBuild): Promise<void> => {
    const below = images.get(build.dependsOn[0] ?? "");
    const name = below ? `${repo}/sci/x` : "docker.io/library/debian:bookworm-slim";
    const science = build.dependsOn[0]?.replace("science/", "");
    const pin: Pin = below
      ? { name, reference: `${repo}/sci/${science}:1@${below.digest}`, digest: below.digest }
      : { name, reference: `${name}@${sha256Digest("debian")}`, digest: sha256Digest("debian") };
    const labels = { ...below?.labels, ...readyLabels(build, 1_700_000_000, pin) };
    images.set(build.id, { labels, digest: await pushImage(registries, build.tags, labels) });
  };
  const bounded = async (builds: readonly ImageBuild[]): Promise<void> => {
    for (let at = 0; at < builds.length; at += 32) await Promise.all(builds.slice(at, at + 32).map(push));
  };
  const builds = composeBuilds(plan, catalogue, contexts);
  await bounded(builds.filter(({ kind }) => kind === "science"));
  await bounded(builds.filter(({ kind }) => kind === "compat"));
  await registries.close();
}

async function pushImage(
  registries: ReturnType<typeof createRegistries>,
  tags: readonly string[],
  labels: Record<string, string>,
): Promise<Digest> {
  const { registry: host, repository } = parseReferenceOrThrow(tags[0] as string);
  const registry = registries.registryFor(host);
  const put = async (mediaType: string, bytes: Buffer) => {
    const descriptor = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    await registry.repository(repository).blobs.put(descriptor, bytes);
    return descriptor;
  };
  const layer = await put(oci.layer, Buffer.from(`layer of ${repository}`));
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = { architecture: "amd64", os: "linux", config: { Labels: labels }, rootfs };
  const manifest = {
    schemaVersion: 2,
    mediaType: oci.manifest,
    config: await put(oci.config, Buffer.from(JSON.stringify(config))),
    layers: [layer],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  for (const tag of tags)
    await registry.repository(repository).manifests.put(tag.slice(tag.lastIndexOf(":") + 1), oci.manifest, bytes);
  return sha256Digest(bytes);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
