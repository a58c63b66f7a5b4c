import { z } from "zod";
import { isTag } from "../oci/reference.ts";
import { parseDocument } from "../oci/untrusted.ts";
import type { Connection } from "./connection.ts";
import { looksLikeWebPage, readAnswer, unexpectedAnswer } from "./failures.ts";
import { type Answer, headerOf } from "./http.ts";
import { isAbsent } from "./manifests.ts";
import type { TagPage } from "./model.ts";
import { readPages } from "./pages.ts";
import { pull } from "./scopes.ts";

/**
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags. What breaks the grammar of tags names
 * no image that could be asked for; it is passed by, so that one of somebody else's does not hide the rest.
 */
export async function listTags(registry: Connection, repository: string): Promise<readonly string[]> {
  const tags = new Set<string>();
  for await (const answer of readPages(registry, firstPage(registry, repository), [pull(repository)])) {
    for (const tag of tagsIn(answer, registry, repository).names) tags.add(tag);
  }
  return [...tags];
}

/** The first page alone. Some registries cut a list at a round number and do not say that there is more. */
export async function listFirstTags(registry: Connection, repository: string): Promise<TagPage> {
  const url = firstPage(registry, repository);
  const answer = await registry.send({ method: "GET", url }, [pull(repository)]);
  const { names, count } = tagsIn(answer, registry, repository);
  const isAll = headerOf(answer, "link") === undefined && (count === 0 || count % 50 !== 0);
  return { tags: new Set(names), isAll };
}

const firstPage = (registry: Connection, repository: string): URL => registry.url(`${repository}/tags/list?n=1000`);

function tagsIn(answer: Answer, { host }: Connection, repository: string): { names: readonly string[]; count: number } {
  if (isAbsent(answer)) return { names: [], count: 0 };
  if (answer.status !== 200 || looksLikeWebPage(answer)) throw unexpectedAnswer(answer);
  const what = `the list of tags of ${host}/${repository}`;
  const { tags } = readAnswer(answer, (bytes) => parseDocument(tagsSchema, bytes, what));
  const names = (tags ?? []).filter((tag) => typeof tag === "string").filter(isTag);
  return { names, count: tags?.length ?? 0 };
}

const tagsSchema = z.object({ tags: z.array(z.unknown()).nullish() });
