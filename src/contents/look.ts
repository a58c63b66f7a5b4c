import { createHash } from "node:crypto";
import type { Look, Seen } from "../files/listing.ts";
import { decodePath } from "../oci/path-bytes.ts";
import type { TarContent, TarEntry } from "../oci/tar.ts";
import { readElf } from "./elf.ts";
import type { Ecosystem, Fact } from "./model.ts";
import { RpmFiles } from "./rpm-files.ts";
import { type Wanted, wantedAt } from "./wanted.ts";

/** Learns the facts of one layer's files as they pass by. */
interface LayerLook {
  readonly look: Look;
  /** What there is to know when the layer has ended: the numbers that entries got count these. */
  readonly end: () => readonly Fact[];
}

/** Facts that one layer may have, and the bytes of texts among them: a hostile layer must not exhaust the memory. */
const limits = { facts: 500_000, text: 32 * 1024 * 1024 } as const;

export function lookAtLayer(): LayerLook {
  const facts: Fact[] = [];
  const rpm = new RpmFiles();
  let text = 0;
  const note = (fact: Fact | undefined): Pick<Seen, "fact"> => {
    if (fact?.kind === "text" && (text += fact.text.length) > limits.text) return {};
    return fact === undefined || facts.length >= limits.facts ? {} : { fact: facts.push(fact) - 1 };
  };
  return {
    async look(path, content) {
      const part = rpm.partAt(path);
      const wanted = part ?? wantedAt(path);
      const { digest, kept, start } = await readBody(
        content,
        wanted?.limit ?? 0,
        wanted ? 0 : sniffed(path, content.entry),
      );
      const fact = wanted ? factOf(wanted, path, kept) : factOfStart(start);
      const seen = { digest, ...note(fact), ...(wanted && kept && { kept }) };
      if (part && kept) rpm.keep(part, kept, seen.fact);
      return seen;
    },
    end() {
      for (const { at, fact } of rpm.read()) facts[at] = fact;
      return facts;
    },
  };
}

interface Body {
  readonly digest: string;
  /** All of it, where it is not larger than what is wanted. */
  readonly kept?: Buffer;
  readonly start: Buffer;
}

async function readBody({ entry, body, whole }: TarContent, limit: number, startSize: number): Promise<Body> {
  const hash = createHash("sha256");
  const keep = entry.size <= limit;
  const all = whole?.();
  if (all) {
    const digest = hash.update(all).digest("base64url");
    if (keep) return { digest, ...twice(Buffer.from(all)) };
    return { digest, start: startSize === 0 ? nothing : Buffer.from(all.subarray(0, startSize)) };
  }
  const parts: Buffer[] = [];
  let left = keep ? Number.POSITIVE_INFINITY : startSize;
  for await (const part of body) {
    hash.update(part);
    if (left > 0) parts.push(Buffer.from(left < part.length ? part.subarray(0, left) : part));
    left -= part.length;
  }
  const start = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  return { digest: hash.digest("base64url"), start, ...(keep && { kept: start }) };
}

const nothing = Buffer.alloc(0);

const twice = (kept: Buffer): Pick<Body, "kept" | "start"> => ({ kept, start: kept });

function factOf({ ecosystem, limit, read }: Wanted, path: string, bytes: Buffer | undefined): Fact | undefined {
  if (bytes === undefined) return ecosystem && unreadable(ecosystem, `it has more than ${limit} bytes`);
  try {
    return read(bytes, path);
  } catch (cause) {
    return ecosystem && unreadable(ecosystem, cause instanceof Error ? cause.message : String(cause));
  }
}

const unreadable = (ecosystem: Ecosystem, why: string): Fact => ({ kind: "unreadable", ecosystem, why });

/** Bytes from the beginning of a file that tell what it is; those of a library have its name in them. */
function sniffed(path: string, { mode }: TarEntry): number {
  if (/\/(?:lib|ld)[^/]*\.so(?:\.[^/]*)?$/.test(path)) return 4 * 1024 * 1024;
  return (mode & 0o111) === 0 ? 0 : 256;
}

function factOfStart(start: Buffer): Fact | undefined {
  if (start.length > 256) {
    const elf = readElf(start);
    return elf && { kind: "library", ...elf };
  }
  if (start[0] !== 0x23 || start[1] !== 0x21) return undefined;
  const end = start.indexOf(10);
  return { kind: "script", interpreter: decodePath(start.subarray(2, end === -1 ? start.length : end)).trim() };
}
