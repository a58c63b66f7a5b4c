// Runs one benchmark: node bench/run.mjs NAME [OPTION …]. Each prints its figures and what they are held against.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here, { withFileTypes: true }).filter((each) => each.isDirectory()).map((each) => each.name);
const [name, ...options] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: node bench/run.mjs NAME [OPTION …]\nbenchmarks: ${names.join(", ")}`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "image-builder-bench-"));
const outfile = join(folder, "run.mjs");
await build({
  entryPoints: [join(here, name, "run.ts")],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  mainFields: ["module", "main"],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: "warning",
});
try {
  const { run } = await import(pathToFileURL(outfile).href);
  process.exitCode = await run(options, dirname(here));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
