import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { digestSchema } from "../oci/descriptor.ts";
import { badIndex } from "./errors.ts";
import { FileIndex } from "./index.ts";
import { limits } from "./limits.ts";

/** 2: a folder that a layer leaves out is made anew, as engines do. What an earlier version wrote is read from the layers again. */
const header = z.object({
  format: z.literal(2),
  layers: z.array(digestSchema).max(10_000),
  accounts: z.object({ passwd: z.string().optional(), group: z.string().optional() }),
});

/** gzip of a line of JSON and the index's lines. Equal indexes give equal bytes. */
export async function writeIndex(index: FileIndex): Promise<Buffer> {
  const { layers, accounts } = index;
  const head = Buffer.from(`${JSON.stringify({ format: 2, layers, accounts })}\n`);
  return zip(Buffer.concat([head, index.lines]), { level: 4 });
}

/** Throws `FailedError` when the bytes are not an index, or one of more than `most` bytes. */
export async function readIndex(bytes: Buffer, most: number = limits.text): Promise<FileIndex> {
  if (bytes.length > limits.compressed) throw badIndex(`it is larger than ${limits.compressed} bytes`);
  const text = await unzip(bytes, { maxOutputLength: most }).catch((cause: Error) => {
    throw badIndex(cause.message);
  });
  const end = text.indexOf(10);
  const { layers, accounts } = parseHeader(text.subarray(0, Math.max(0, end)));
  if (text.at(-1) !== 10) throw badIndex("it ends within a line");
  return new FileIndex(layers, definedOnly(accounts), text.subarray(end + 1));
}

function parseHeader(bytes: Buffer): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw badIndex("its first line is not that of an index");
  }
}

const definedOnly = ({ passwd, group }: z.infer<typeof header>["accounts"]) => ({
  ...(passwd !== undefined && { passwd }),
  ...(group !== undefined && { group }),
});

const zip = promisify(gzip) as (bytes: Buffer, options: { level: number }) => Promise<Buffer>;
const unzip = promisify(gunzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
