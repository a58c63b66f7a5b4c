import { afterAll, afterEach, beforeAll, expect } from "vitest";

/** A warning of Node in any test fails it: what leaks or is out of date is ours to mend, and never for an operator. */
const warnings: string[] = [];
const note = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);

// Files of tests share a thread, and this file is read for each of them.
beforeAll(() => void process.on("warning", note));
afterAll(() => void process.off("warning", note));

afterEach(async () => {
  await new Promise((done) => setImmediate(done)); // Node warns a tick later
  expect(warnings.splice(0)).toEqual([]);
});
