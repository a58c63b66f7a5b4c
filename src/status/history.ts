import { type FormerDefinition, formerDefinitions } from "../catalogue/former.ts";
import { definitionName } from "../catalogue/list.ts";
import { blobsInHistory } from "../git/commits.ts";
import { readBlobs } from "../git/objects.ts";

/**
 * Every image-version with an interface that HEAD's history ever defined, the newest first, by two processes, and by a third where definitions name
 * files of variants. Of such a file each version that it ever had counts.
 */
export async function pastDefinitions(root: string): Promise<FormerDefinition[]> {
  const entries = [...(await blobsInHistory(root, ":(glob)science/*/*.json"))].map(([blob, path]) => ({ blob, path }));
  const definitions = await withTexts(
    root,
    entries.filter(({ path }) => path.endsWith(`/${definitionName}`)),
  );
  const named = new Set(definitions.flatMap(listsOf));
  const lists = await withTexts(
    root,
    entries.filter(({ path }) => named.has(path)),
  );
  return definitions.flatMap((each) => readPast(each, lists)).filter(({ compat }) => compat !== "");
}

interface Past {
  readonly path: string;
  readonly text: string;
}

/** Bytes. */
const largestDefinition = 4 * 1024 * 1024;

async function withTexts(root: string, entries: readonly { blob: string; path: string }[]): Promise<Past[]> {
  if (entries.length === 0) return [];
  const texts = await readBlobs(
    root,
    entries.map(({ blob }) => blob),
    largestDefinition,
  );
  return entries.flatMap(({ blob, path }) => {
    const bytes = texts.get(blob);
    return bytes === undefined ? [] : [{ path, text: bytes.toString("utf8") }];
  });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** The files of variants that a definition asks for. */
function listsOf({ path, text }: Past): string[] {
  const asked: string[] = [];
  formerDefinitions(folderOf(path), text, (name) => void asked.push(`${folderOf(path)}/${name}`));
  return asked;
}

function readPast(definition: Past, lists: readonly Past[]): FormerDefinition[] {
  const folder = folderOf(definition.path);
  const [list] = listsOf(definition);
  if (list === undefined) return formerDefinitions(folder, definition.text, () => undefined);
  return lists
    .filter(({ path }) => path === list)
    .flatMap(({ text }) => formerDefinitions(folder, definition.text, () => text));
}
