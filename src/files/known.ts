import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { canonicalJson } from "../oci/canonical-json.ts";
import type { Digest } from "../oci/digest.ts";
import { chainId } from "./chain.ts";
import { type Accounts, type FileEntry, parentPath } from "./entry.ts";
import type { FileIndex } from "./index.ts";
import { decodeRecord, encodeRecord } from "./record.ts";

/** What can be asked of the files of an image. Throws `NotKnownError` where only some of them are known. */
export interface FileLookup {
  readonly accounts: Accounts;
  get(path: string): FileEntry | undefined;
  children(folder: string): Iterable<FileEntry>;
}

/** Something was asked that only the index of the image tells. */
export class NotKnownError extends Error {}

/** Notes what is asked, so that whoever asks the same of the same layers needs no index. */
export class AskedFiles implements FileLookup {
  readonly accounts: Accounts;
  readonly #files: FileIndex | KnownFiles;
  readonly #layers: readonly Digest[];
  readonly #found = new Map<string, FileEntry>();
  readonly #absent = new Set<string>();
  #accounts: Accounts | undefined;
  #isAll = true;

  constructor(files: FileIndex | KnownFiles, layers: readonly Digest[]) {
    this.#files = files;
    this.#layers = layers;
    this.accounts = accountsOf(() => (this.#accounts = files.accounts));
  }

  get(path: string): FileEntry | undefined {
    if (isBelow(path, this.#absent)) return undefined;
    const entry = this.#files.get(path);
    if (entry) this.#found.set(path, entry);
    else if (this.#files.isAbsent(path)) this.#absent.add(this.#highestAbsent(path));
    // A layer may have a file without its folder.
    else this.#isAll = false;
    return entry;
  }

  children(folder: string): Iterable<FileEntry> {
    this.#isAll = false;
    return this.#files.children(folder);
  }

  /** What was asked, as text for an annotation; undefined where that is too much for one. */
  text(): string | undefined {
    if (!this.#isAll || this.#found.size + this.#absent.size > mostAsked) return undefined;
    const files = [...this.#found.values()].map(encodeRecord).sort();
    const known = { of: chainId(this.#layers), files, absent: [...this.#absent].sort(), accounts: this.#accounts };
    const text = deflateRawSync(canonicalJson(known), { level: 9 }).toString("base64");
    return text.length > longest ? undefined : text;
  }

  /** Where a folder is not there, nothing in it is. */
  #highestAbsent(path: string): string {
    const parent = parentPath(path);
    return parent !== "" && this.#files.isAbsent(parent) ? this.#highestAbsent(parent) : path;
  }
}

const mostAsked = 100;

/** Characters. It is sent twice with each image. */
const longest = 2048;

/** Reads what `AskedFiles` has written; undefined where it is about other layers, or cannot be read. */
export function readKnownFiles(text: string, layers: readonly Digest[]): KnownFiles | undefined {
  try {
    const bytes = inflateRawSync(Buffer.from(text.slice(0, longest), "base64"), { maxOutputLength: 64 * 1024 });
    const { of, files, absent, accounts } = knownSchema.parse(JSON.parse(bytes.toString("utf8")));
    return of === chainId(layers) ? new KnownFiles(files.map(decodeRecord), absent, accounts) : undefined;
  } catch {
    return undefined;
  }
}

const knownSchema = z.object({
  of: z.string(),
  files: z.array(z.string()).max(mostAsked),
  absent: z.array(z.string()).max(mostAsked),
  accounts: z.object({ passwd: z.string().exactOptional(), group: z.string().exactOptional() }).optional(),
});

class KnownFiles implements FileLookup {
  readonly accounts: Accounts;
  readonly #found: ReadonlyMap<string, FileEntry>;
  readonly #absent: ReadonlySet<string>;

  constructor(found: readonly FileEntry[], absent: readonly string[], accounts: Accounts | undefined) {
    this.#found = new Map(found.map((entry) => [entry.path, entry]));
    this.#absent = new Set(absent);
    this.accounts = accountsOf(() => accounts ?? notKnown());
  }

  get(path: string): FileEntry | undefined {
    return this.#found.get(path) ?? (this.isAbsent(path) ? undefined : notKnown());
  }

  children(): never {
    return notKnown();
  }

  isAbsent(path: string): boolean {
    return isBelow(path, this.#absent);
  }
}

const notKnown = (): never => {
  throw new NotKnownError("it is not known");
};

function isBelow(path: string, absent: ReadonlySet<string>): boolean {
  for (let at = path; at !== ""; at = parentPath(at)) if (absent.has(at)) return true;
  return false;
}

/** The accounts, asked for when one of them is. */
const accountsOf = (accounts: () => Accounts): Accounts => ({
  get passwd() {
    return accounts().passwd;
  },
  get group() {
    return accounts().group;
  },
});
