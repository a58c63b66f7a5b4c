// Adds to package-lock.json the packages for other platforms that npm left out of it. npm does so where a registry has
// them not all, and `npm ci` then refuses the file everywhere. Run it after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const missing = Object.values(lock.packages).flatMap((parent) =>
  Object.entries(parent.optionalDependencies ?? {})
    .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined)
    .map(([name, version]) => [`node_modules/${name}`, entry(name, version, parent)]),
);
const packages = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
console.log(`added ${missing.length} packages`);

/** What keeps npm from asking for it on a platform that it is not for. */
function entry(name, version, parent) {
  const [, os, cpu, variant = ""] = /\b([a-z0-9]+)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name) ?? [];
  const libc = os !== "linux" ? [] : variant.startsWith("musl") ? ["musl"] : variant.startsWith("gnu") ? ["glibc"] : [];
  return {
    version,
    cpu: [cpu],
    ...(parent.dev ? { dev: true } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    license: parent.license,
    optional: true,
    os: [os],
  };
}
