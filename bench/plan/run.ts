import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

/**
 * Plans a catalogue of N science layers in chains of ten with one changed file, and holds the time beyond start-up
 * against `git diff` plus reading every definition and Dockerfile in one process: with the start of that process, which is
 * what the limit is about, and without.
 *
 *   node bench/run.mjs plan [--layers 5000,20000] [--runs 5] [--chain 10]
 */
export function run(options: readonly string[], project: string): number {
  const { values } = parseArgs({
    args: [...options],
    options: {
      layers: { type: "string", default: "1000,5000,20000" },
      runs: { type: "string", default: "5" },
      chain: { type: "string", default: "10" },
    },
  });
  const rows = values.layers
    .split(",")
    .map((layers) => measure(Number(layers), Number(values.chain), Number(values.runs), project));
  console.table(rows);
  const failed = rows.filter((row) => row["git processes"] > 7 || row.ratio > 3);
  for (const row of failed)
    console.error(`over the limit at ${row.layers} layers: at most 7 git processes and a ratio of 3 are expected`);
  return failed.length === 0 ? 0 : 1;
}

function measure(layers: number, chain: number, runs: number, project: string) {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-bench-plan-"));
  try {
    makeCatalogue(folder, layers, chain);
    const program = join(project, "dist/main.js");
    const startUp = median(runs, () => timed(process.execPath, [program, "--version"], folder));
    const whole = median(runs, () => timed(process.execPath, [program, "--dryrun", "-q"], folder));
    const bare = median(runs, () => timed(process.execPath, ["-e", ""], folder));
    const peer = median(runs, () => timed(process.execPath, ["-e", peerScript], folder));
    const planning = round(whole - startUp);
    return {
      layers,
      "start-up s": startUp,
      "planning s": planning,
      "git diff + reading s": peer,
      ratio: round(planning / peer),
      "ratio less its start": round(planning / (peer - bare)),
      "git processes": gitProcesses(program, folder),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeCatalogue(folder: string, layers: number, chain: number): void {
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  for (const name of ["jupyter", "common"]) {
    mkdirSync(join(folder, "compat", name), { recursive: true });
    write(`compat/${name}/sciserver-image.json`, JSON.stringify({ includes: name === "jupyter" ? ["common"] : [] }));
    write(`compat/${name}/Dockerfile`, `ENV ${name.toUpperCase()}=1\n`);
  }
  for (let at = 0; at < layers; at++) {
    mkdirSync(join(folder, "science", `layer-${at}`), { recursive: true });
    write(
      `science/layer-${at}/sciserver-image.json`,
      `{\n  # layer ${at}\n  "image": "image-${at - (at % chain)}",\n  "version": "1.${at % chain}",\n  "compat": "jupyter"\n}\n`,
    );
    const base = at % chain === 0 ? "debian:bookworm-slim" : `sci/layer-${at - 1}:1.${(at - 1) % chain}`;
    write(
      `science/layer-${at}/Dockerfile`,
      `FROM ${base}\nRUN apt-get update && \\\n    apt-get install -y package-${at}\nENV LAYER=${at}\n`,
    );
  }
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], { cwd: folder });
  git("init", "-q", "-b", "main");
  git("config", "gc.auto", "0");
  git("add", "-A");
  git("commit", "-q", "-m", "catalogue");
  writeFileSync(join(folder, "science/layer-3/Dockerfile"), "FROM sci/layer-2:1.2\nENV LAYER=changed\n");
  git("commit", "-q", "-am", "change");
}

/** What cannot be avoided: asking git, and reading the two files of each layer. */
const peerScript = `
const { execFileSync } = require("node:child_process");
const { readdirSync, readFileSync } = require("node:fs");
execFileSync("git", ["diff", "--name-only", "HEAD^", "HEAD"]);
for (const kind of ["science", "compat"]) for (const name of readdirSync(kind)) for (const file of ["sciserver-image.json", "Dockerfile"]) readFileSync(kind + "/" + name + "/" + file, "utf8");
`;

function timed(program: string, args: readonly string[], cwd: string): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}: ${stderr.toString("utf8")}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Through a `git` before the real one on the PATH that counts. */
function gitProcesses(program: string, folder: string): number {
  const bin = mkdtempSync(join(tmpdir(), "image-builder-bench-bin-"));
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\necho x >>'${bin}/count'\nexec ${real} "$@"\n`);
  chmodSync(join(bin, "git"), 0o755);
  spawnSync(process.execPath, [program, "--dryrun", "-q"], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
  });
  const count = readFileSync(join(bin, "count"), "utf8").split("\n").length - 1;
  rmSync(bin, { recursive: true, force: true });
  return count;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

function median(runs: number, once: () => number): number {
  const sorted = Array.from({ length: runs }, once).sort((a, b) => a - b);
  return round(sorted[Math.floor(sorted.length / 2)] as number);
}
