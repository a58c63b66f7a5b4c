import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { engineEnvironment, testWorld } from "../../test/support/world.ts";

/**
 * Builds chains of images that each sleep for a second, by default settings, and holds the time against `docker buildx bake` with the
 * same images, tags and labels. Needs `node scripts/build.mjs` and the test world.
 *
 *   node bench/run.mjs schedule [--chains 10] [--length 4] [--pairs 3]
 */
export function run(options: readonly string[], project: string): number {
  const { values } = parseArgs({
    args: [...options],
    options: {
      chains: { type: "string", default: "10" },
      length: { type: "string", default: "4" },
      pairs: { type: "string", default: "3" },
    },
  });
  const place = mkdtempSync(join(tmpdir(), "image-builder-bench-schedule-"));
  try {
    const size = { chains: Number(values.chains), length: Number(values.length) };
    const rows = Array.from({ length: Number(values.pairs) }, (_, pair) =>
      measure(join(place, `${pair}`), size, project),
    );
    console.table(rows);
    const ratio = rows.map((row) => row.ratio).sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0;
    console.log(`median ratio ${ratio}`);
    if (ratio > 1.5) console.error("over the limit: at most 1.5 times as long as bake is expected");
    return ratio > 1.5 ? 1 : 0;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function measure(place: string, size: { chains: number; length: number }, project: string) {
  const ours = catalogue(join(place, "ours"), size, `${process.hrtime.bigint()}`);
  const theirs = catalogue(join(place, "theirs"), size, `${process.hrtime.bigint()}`);
  const program = join(project, "dist/main.js");
  const plan = JSON.parse(said(program, ["plan", "--since", "all", "--format", "json"], theirs)) as BakedPlan;
  writeFileSync(join(theirs, "bake.json"), JSON.stringify(bakeFile(plan)));
  const image = timed(process.execPath, [program, "build", "--since", "all", "-q"], ours);
  const bake = timed(
    "docker",
    ["buildx", "bake", "--load", "--provenance=false", "--file", "bake.json", "all"],
    theirs,
  );
  return {
    builds: plan.builds.length,
    "image-builder s": image,
    "bake s": bake,
    ratio: Math.round((100 * image) / bake) / 100,
  };
}

interface BakedPlan {
  readonly builds: readonly { id: string; directory: string; tags: readonly string[]; dependsOn: readonly string[] }[];
}

/** The same images: a target for each, its parent a target too. */
function bakeFile({ builds }: BakedPlan): object {
  const nameOf = (id: string): string => id.replace(/\W/g, "-");
  const target = ({ id, directory, tags, dependsOn: [parent] }: BakedPlan["builds"][number]) => [
    nameOf(id),
    {
      context: directory,
      dockerfile: parent === undefined ? "Dockerfile" : "Dockerfile.bake",
      contexts: parent === undefined ? {} : { parent: `target:${nameOf(parent)}` },
      tags,
      network: "none",
      labels: { "org.opencontainers.image.version": tags[0], "org.opencontainers.image.title": id },
    },
  ];
  return {
    group: { all: { targets: builds.map(({ id }) => nameOf(id)) } },
    target: Object.fromEntries(builds.map(target)),
  };
}

function catalogue(root: string, { chains, length }: { chains: number; length: number }, nonce: string): string {
  const { base } = testWorld();
  for (let chain = 0; chain < chains; chain += 1) {
    for (let at = 0; at < length; at += 1) {
      const folder = join(root, `science/chain-${chain}-${at}`);
      mkdirSync(folder, { recursive: true });
      const work = `RUN sleep 1 && echo ${nonce}-${chain}-${at} > /made\n`;
      const from = at === 0 ? base : `sci/chain-${chain}-${at - 1}:1.${at - 1}`;
      writeFileSync(join(folder, "Dockerfile"), `FROM ${from}\n${work}`);
      writeFileSync(join(folder, "Dockerfile.bake"), `FROM parent\n${work}`);
      const definition = { image: `chain-${chain}`, version: `1.${at}`, compat: false };
      writeFileSync(join(folder, "sciserver-image.json"), JSON.stringify(definition));
    }
  }
  mkdirSync(join(root, "compat"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], { cwd: root });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "catalogue");
  return root;
}

const environment = (directory: string) => {
  const { modern } = testWorld();
  return {
    ...process.env,
    ...engineEnvironment(modern),
    PATH: `${dirname(modern.client)}:${process.env["PATH"]}`,
    IMAGE_BUILDER_NETWORK: "none",
    IMAGE_BUILDER_ENGINE: "docker",
    IMAGE_BUILDER_REPO: "bench.example.org/schedule",
    XDG_STATE_HOME: join(directory, ".git/state"),
    XDG_CACHE_HOME: join(directory, ".git/cache"),
  };
};

const said = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(process.execPath, [program, ...args], { cwd, env: environment(cwd), encoding: "utf8" });

function timed(program: string, args: readonly string[], cwd: string): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { cwd, env: environment(cwd), encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr.slice(-2000)}`);
  return Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
}
