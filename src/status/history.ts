import { readJson } from "../catalogue/json.ts";
import { definitionName } from "../catalogue/list.ts";
import { gitOrFail } from "../changes/git.ts";
import { readBlobs } from "../changes/repository.ts";
import { decodePath } from "../oci/path-bytes.ts";

/** A science layer as some commit of the past defined it. */
export interface PastDefinition {
  readonly directory: string;
  readonly image: string;
  readonly version: string;
  readonly target: string;
  readonly compat: string;
}

/** Every science definition that HEAD's history ever had, the newest first, by two processes. */
export async function pastDefinitions(root: string): Promise<PastDefinition[]> {
  const entries = await definitionBlobs(root);
  const texts = await readBlobs(root, [...entries.keys()], largestDefinition);
  return [...entries].flatMap(([blob, path]) => {
    const bytes = texts.get(blob);
    return bytes === undefined ? [] : readPast(path, bytes.toString("utf8"));
  });
}

/** Bytes. */
const largestDefinition = 4 * 1024 * 1024;

const nothing = /^0+$/;

/** Path by hash of the content, in the order of the history. The pathspec is read from the folder that git runs in. */
async function definitionBlobs(root: string): Promise<Map<string, string>> {
  const what = ["--", `:(glob)science/*/${definitionName}`];
  const form = ["--format=", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--relative"];
  const bytes = await gitOrFail(root, [
    "-c",
    "log.showSignature=false",
    "log",
    "--full-history",
    ...form,
    "HEAD",
    ...what,
  ]);
  const entry = /:\d{6} \d{6} ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]\d*\0([^\0]+)/g;
  const found = new Map<string, string>();
  for (const [, before = "", after = "", path = ""] of bytes.toString("latin1").matchAll(entry))
    for (const blob of [after, before])
      if (!nothing.test(blob) && !found.has(blob)) found.set(blob, decodePath(Buffer.from(path, "latin1")));
  return found;
}

function readPast(path: string, text: string): PastDefinition[] {
  const { value, spellings } = readJson({ path, text });
  if (typeof value !== "object" || value === null) return [];
  const [, directory = "", name = ""] = /^(science\/([^/]+))\//.exec(path) ?? [];
  const { image, target = name, version = "", compat = "" } = value as Record<string, unknown>;
  const texts = [image, target, compat].every((each) => typeof each === "string");
  if (!texts || !["string", "number"].includes(typeof version)) return [];
  return [{ directory, image, target, compat, version: spellings["version"] ?? String(version) } as PastDefinition];
}
