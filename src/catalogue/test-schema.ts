import * as z from "zod";
import { pathFault } from "./account-fields.ts";
import { longestTimeout, timeoutForm, timeoutSeconds } from "./tests.ts";

const word = z.string().regex(/^[^\0]*$/, "expected a text without NUL");
const command = word.min(1, "expected a command");

const source = z
  .string()
  .refine(
    (path) => isBelow(path),
    'expected a file or folder of this directory, without "/" before it and without ".."',
  );

const target = z.string().superRefine((path, context) => {
  const fault = path === "/" ? "expected a place below /, such as /tests" : pathFault(path);
  if (fault !== undefined) context.addIssue(fault);
});

const limit = `expected more than nothing and at most ${longestTimeout / 3600} hours`;
const timeout = z
  .union([
    z.number().gt(0, limit).max(longestTimeout, limit),
    z
      .string()
      .regex(timeoutForm, {
        message: 'expected hours, minutes and seconds, "1h30m", "5m" or "90s", or a number of seconds',
        abort: true,
      })
      .refine((text) => isWithin(timeoutSeconds(text)), limit),
  ])
  .describe('How long it may take, as text ("5m", "1h30m") or in seconds; without it, as long as it takes');

/** A test that is more than a shell command. */
export const testTable = z.strictObject({
  run: z
    .union([
      command,
      z
        .array(word)
        .min(1, "expected a program and its arguments")
        .refine(([program]) => program !== "", "expected a program at the beginning"),
    ])
    .describe("A shell command line, or a program with its arguments"),
  name: z
    .string()
    .regex(/^[^\p{Cc}]+$/u, "expected a text of one line")
    .optional()
    .describe("What logs and reports call it; what it runs when absent"),
  files: z
    .record(source, target)
    .optional()
    .describe("Files and folders of this directory, and the paths in the container that they are copied to"),
  timeout: timeout.optional(),
  network: z.boolean().optional().describe("Whether it has the network that RUN instructions have; false when absent"),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/, "expected a user or user:group")
    .optional()
    .describe("Who runs it, by name or number; the image's user when absent"),
});

export const test = z
  .array(z.union([command, testTable]))
  .describe("Commands run in the built image before it is published, each in a container of its own");

const isWithin = (seconds: number): boolean => seconds > 0 && seconds <= longestTimeout;

/** Whether a path stays in the folder that it is relative to. */
const isBelow = (path: string): boolean =>
  path === "." ||
  (path !== "" &&
    path
      .replace(/\/$/, "")
      .split("/")
      .every((name) => !["", ".", ".."].includes(name)));
