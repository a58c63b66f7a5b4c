import { readJson } from "../catalogue/json.ts";
import { definitionName } from "../catalogue/list.ts";
import { blobsInHistory } from "../git/commits.ts";
import { readBlobs } from "../git/objects.ts";

/** A science layer as some commit of the past defined it. */
interface PastDefinition {
  readonly directory: string;
  readonly image: string;
  readonly version: string;
  readonly target: string;
  readonly compat: string;
}

/** Every science definition that HEAD's history ever had, the newest first, by two processes. */
export async function pastDefinitions(root: string): Promise<PastDefinition[]> {
  const entries = await blobsInHistory(root, `:(glob)science/*/${definitionName}`);
  const texts = await readBlobs(root, [...entries.keys()], largestDefinition);
  return [...entries].flatMap(([blob, path]) => {
    const bytes = texts.get(blob);
    return bytes === undefined ? [] : readPast(path, bytes.toString("utf8"));
  });
}

/** Bytes. */
const largestDefinition = 4 * 1024 * 1024;

function readPast(path: string, text: string): PastDefinition[] {
  const { value, spellings } = readJson({ path, text });
  if (typeof value !== "object" || value === null) return [];
  const [, directory = "", name = ""] = /^(science\/([^/]+))\//.exec(path) ?? [];
  const { image, target = name, version = "", compat = "" } = value as Record<string, unknown>;
  const texts = [image, target, compat].every((each) => typeof each === "string");
  if (!texts || !["string", "number"].includes(typeof version)) return [];
  return [{ directory, image, target, compat, version: spellings["version"] ?? String(version) } as PastDefinition];
}
