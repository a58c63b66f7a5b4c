import { z } from "zod";
import { isTag } from "../oci/reference.ts";
import { parseDocument } from "../oci/untrusted.ts";
import type { Connection } from "./connection.ts";
import { looksLikeWebPage, readAnswer, unexpectedAnswer } from "./failures.ts";
import { isAbsent } from "./manifests.ts";
import { readPages } from "./pages.ts";
import { pull } from "./scopes.ts";

/**
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags. What breaks the grammar of tags names
 * no image that could be asked for; it is passed by, so that one of somebody else's does not hide the rest.
 */
export async function listTags(registry: Connection, repository: string): Promise<readonly string[]> {
  const tags = new Set<string>();
  for await (const answer of readPages(registry, registry.url(`${repository}/tags/list?n=1000`), [pull(repository)])) {
    if (isAbsent(answer)) break;
    if (answer.status !== 200 || looksLikeWebPage(answer)) throw unexpectedAnswer(answer);
    const what = `the list of tags of ${registry.host}/${repository}`;
    const page = readAnswer(answer, (bytes) => parseDocument(tagsSchema, bytes, what));
    for (const tag of page.tags ?? []) if (typeof tag === "string" && isTag(tag)) tags.add(tag);
  }
  return [...tags];
}

const tagsSchema = z.object({ tags: z.array(z.unknown()).nullish() });
