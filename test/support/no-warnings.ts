import { afterEach, expect } from "vitest";

/** A warning of Node in any test fails it: what leaks or is out of date is ours to mend, and never for an operator. */
const warnings: string[] = [];
process.on("warning", ({ name, message }) => void warnings.push(`${name}: ${message}`));

afterEach(async () => {
  await new Promise((done) => setImmediate(done)); // Node warns a tick later
  expect(warnings.splice(0)).toEqual([]);
});
