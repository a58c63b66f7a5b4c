import { z } from "zod";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, parseDigest, sha256Digest } from "../oci/digest.ts";
import { manifestMediaTypes } from "../oci/media-types.ts";
import { quoteStart, tryJson } from "../oci/untrusted.ts";
import type { Connection } from "./connection.ts";
import { looksLikeWebPage, unexpectedAnswer, wrongAnswer } from "./failures.ts";
import { type Answer, contentType, headerOf } from "./http.ts";
import type { ManifestContent } from "./model.ts";
import { pull, push, remove } from "./scopes.ts";

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export async function getManifest(
  registry: Connection,
  repository: string,
  target: string,
): Promise<ManifestContent | undefined> {
  const url = manifestUrl(registry, repository, target);
  const answer = await registry.send({ method: "GET", url, headers: accept }, [pull(repository)]);
  return isAbsent(answer) ? undefined : contentOf(answer, target);
}

/** Asks for the whole manifest where the registry's head does not say digest, length and type. */
export async function headManifest(
  registry: Connection,
  repository: string,
  target: string,
): Promise<Descriptor | undefined> {
  const url = manifestUrl(registry, repository, target);
  const answer = await registry.send({ method: "HEAD", url, headers: accept }, [pull(repository)]);
  if (isAbsent(answer)) return undefined;
  const digest = parseDigest(headerOf(answer, "docker-content-digest") ?? target);
  const size = Number(headerOf(answer, "content-length") ?? Number.NaN);
  const mediaType = contentType(answer);
  if (answer.status === 200 && digest && Number.isSafeInteger(size) && manifestMediaTypes.includes(mediaType)) {
    checkDigest(answer, digest, parseDigest(target));
    return { mediaType, digest, size };
  }
  return (await getManifest(registry, repository, target))?.descriptor;
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
export async function putManifest(
  registry: Connection,
  repository: string,
  target: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Answer> {
  const url = manifestUrl(registry, repository, target);
  const answer = await registry.send({ method: "PUT", url, headers: { "content-type": mediaType }, body: bytes }, [
    push(repository),
  ]);
  if (answer.status !== 201 && answer.status !== 200) throw unexpectedAnswer(answer);
  const stored = parseDigest(headerOf(answer, "docker-content-digest") ?? "");
  if (stored) checkDigest(answer, stored, sha256Digest(bytes));
  return answer;
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management */
export async function deleteManifest(registry: Connection, repository: string, target: string): Promise<boolean> {
  const answer = await registry.send({ method: "DELETE", url: manifestUrl(registry, repository, target) }, [
    remove(repository),
  ]);
  if (answer.status === 404) return false;
  if (answer.status !== 202 && answer.status !== 200) throw unexpectedAnswer(answer);
  return true;
}

/** Not found, said by a registry and not by a web server. */
export const isAbsent = (answer: Answer): boolean => answer.status === 404 && !looksLikeWebPage(answer);

const accept = { accept: manifestMediaTypes.join(", ") };

const manifestUrl = (registry: Connection, repository: string, target: string): URL =>
  registry.url(`${repository}/manifests/${target}`);

function contentOf(answer: Answer, target: string): ManifestContent {
  if (answer.status !== 200 || looksLikeWebPage(answer)) throw unexpectedAnswer(answer);
  const digest = sha256Digest(answer.bytes);
  checkDigest(answer, digest, parseDigest(target) ?? parseDigest(headerOf(answer, "docker-content-digest") ?? ""));
  const mediaType = mediaTypeOf(answer);
  if (tryJson(answer.bytes) === undefined)
    throw wrongAnswer(answer, "gives a manifest that is not JSON", startOf(answer));
  return { descriptor: { mediaType, digest, size: answer.bytes.length }, bytes: answer.bytes };
}

/** The header decides, as the spec says; a server of plain files may only know that it is JSON. */
function mediaTypeOf(answer: Answer): string {
  const stated = contentType(answer);
  if (manifestMediaTypes.includes(stated)) return stated;
  const inside = z.object({ mediaType: z.enum(manifestMediaTypes) }).safeParse(tryJson(answer.bytes));
  if (inside.success) return inside.data.mediaType;
  throw wrongAnswer(
    answer,
    `gives a manifest of the type ${quoteStart(answer.redact(headerOf(answer, "content-type") ?? ""), 100)}, which is not one of images`,
  );
}

function checkDigest(answer: Answer, found: Digest, wanted: Digest | undefined): void {
  if (wanted !== undefined && found !== wanted)
    throw wrongAnswer(answer, "gives a manifest with a wrong digest", `expected ${wanted}, found ${found}`);
}

/** Nobody who reads the manifest later knows what must not be shown of it. */
const startOf = ({ bytes, redact }: Answer): string =>
  `it begins ${quoteStart(redact(bytes.toString("utf8", 0, 16 * 1024)))}`;
