import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { digestSchema } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { ecosystems, type LayerFacts } from "./model.ts";

/** Bytes that facts may have, written and unpacked. */
export const factLimits = { compressed: 64 * 1024 * 1024, text: 512 * 1024 * 1024 } as const;

/** The form of the facts, and of how they are read: what an earlier version has learned is learned again. */
export const factsVersion = 2;

/**
 * gzip of the facts of layers, one after the other: a line of JSON, which says how many bytes of lines follow. Equal facts give
 * equal bytes.
 */
export async function writeFacts(layers: readonly LayerFacts[]): Promise<Buffer> {
  const parts = layers.flatMap(({ lines, ...head }) => [
    Buffer.from(`${JSON.stringify({ format: factsVersion, ...head, bytes: lines.length })}\n`),
    lines,
  ]);
  return zip(Buffer.concat(parts), { level: 4 });
}

/** Throws `FailedError` when the bytes are not facts, or unpacked more than `most`. */
export async function readFacts(bytes: Buffer, most: number = factLimits.text): Promise<LayerFacts[]> {
  if (bytes.length > factLimits.compressed) throw badFacts(`they have more than ${factLimits.compressed} bytes`);
  const text = await unzip(bytes, { maxOutputLength: most }).catch((cause: Error) => {
    throw badFacts(cause.message);
  });
  const layers: LayerFacts[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(10, at);
    const { format: _, bytes: size, ...head } = readHead(text.subarray(at, Math.max(at, end)));
    at = end + 1 + size;
    if (at > text.length || (size > 0 && text[at - 1] !== 10)) throw badFacts("they end within a line");
    layers.push({ ...head, lines: text.subarray(end + 1, at) } as LayerFacts);
  }
  return layers;
}

function readHead(bytes: Buffer): z.infer<typeof headSchema> {
  try {
    return headSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw badFacts("a line is not that of a layer's facts");
  }
}

const recordSchema = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string().optional(),
  origin: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
  size: z.number().optional(),
  state: z.string().optional(),
  owns: z.array(z.string()).optional(),
});

const ecosystemSchema = z.enum(ecosystems);

const factSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("packages"),
    ecosystem: ecosystemSchema,
    packages: z.array(recordSchema),
    problem: z.string().optional(),
  }),
  z.object({ kind: z.enum(["unreadable", "unsupported"]), ecosystem: ecosystemSchema, why: z.string() }),
  z.object({ kind: z.literal("text"), text: z.string() }),
  z.object({ kind: z.literal("owns"), paths: z.array(z.string()) }),
  z.object({ kind: z.literal("licence"), licence: z.string() }),
  z.object({ kind: z.literal("size"), size: z.number() }),
  z.object({ kind: z.literal("library"), machine: z.string(), soname: z.string().optional() }),
  z.object({ kind: z.literal("version"), version: z.string() }),
  z.object({ kind: z.literal("lines"), digests: z.array(z.string()) }),
  z.object({ kind: z.literal("script"), interpreter: z.string() }),
]);

const headSchema = z.object({
  format: z.literal(factsVersion),
  diffId: digestSchema as z.ZodType<Digest>,
  removed: z.array(z.string()),
  emptied: z.array(z.string()),
  facts: z.array(factSchema),
  bytes: z.int().nonnegative(),
});

const badFacts = (why: string): FailedError =>
  new FailedError([
    error("bad-facts", `the facts of an image's layers cannot be read: ${why}`, {
      help: "delete the folder image-builder/facts in the cache directory; image-builder contents IMAGE --attach reads the layers again",
    }),
  ]);

const zip = promisify(gzip) as (bytes: Buffer, options: { level: number }) => Promise<Buffer>;
const unzip = promisify(gunzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
