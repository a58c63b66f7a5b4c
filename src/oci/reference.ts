import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { type Digest, parseDigest } from "./digest.ts";

/** An image's name in full: `registry/repository:tag@digest`. Where both tag and digest stand, the digest counts. */
export interface Reference {
  /** Host and port; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** Path below the registry, `library/debian`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/**
 * Reads a reference as `docker pull` does: `debian` is `docker.io/library/debian`, and no tag is added.
 * Undefined when it breaks the grammar of
 * https://github.com/distribution/reference/blob/v0.6.0/reference.go
 */
export function parseReference(text: string): Reference | undefined {
  const parts = /^(?<name>[^@]*?)(?::(?<tag>[^:/@]*))?(?:@(?<digest>.*))?$/.exec(text)?.groups;
  const place = parts?.name === undefined ? undefined : splitName(parts.name);
  if (!parts || !place || !isRegistryHost(place.registry) || !isRepositoryPath(place.repository)) return undefined;
  const digest = parts.digest === undefined ? undefined : parseDigest(parts.digest);
  if (parts.digest !== undefined && digest === undefined) return undefined;
  if (parts.tag !== undefined && !isTag(parts.tag)) return undefined;
  return {
    ...place,
    ...(parts.tag === undefined ? {} : { tag: parts.tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Throws `RefusedError` where `parseReference` gives undefined. */
export function parseReferenceOrThrow(text: string): Reference {
  const reference = parseReference(text);
  if (reference) return reference;
  const help = text === text.toLowerCase() ? "write REGISTRY/REPOSITORY:TAG" : "write the name in lower case";
  throw new RefusedError([error("bad-reference", `${JSON.stringify(text)} is not the name of an image`, { help })]);
}

/** In full, with `docker.io/library/` where it applies. */
export const formatReference = (reference: Reference): string =>
  `${reference.registry}/${reference.repository}${suffix(reference)}`;

/** As people write it: without `docker.io/` and `library/`. */
export function familiarReference(reference: Reference): string {
  if (reference.registry !== dockerHub) return formatReference(reference);
  const short = reference.repository.replace(/^library\/(?=[^/]+$)/, "");
  return `${short}${suffix(reference)}`;
}

/** What the registry's API is asked for: the digest where there is one, else the tag, else `latest`. */
export const manifestTarget = (reference: Reference): string => reference.digest ?? reference.tag ?? "latest";

/** One part of a repository's path: lower case letters and digits, separated by `.`, `_`, `__` or dashes. */
export const isRepositoryComponent = (text: string): boolean => componentPattern.test(text);

/** Components joined by `/`, at most 255 characters together with the registry's name in Docker; here for the path alone. */
export const isRepositoryPath = (text: string): boolean =>
  text.length <= 255 && text.split("/").every(isRepositoryComponent);

export const isTag = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);

export const isRegistryHost = (text: string): boolean => hostPattern.test(text);

export const dockerHub = "docker.io";

const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const label = "(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])";
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?$`);

/** The first component is a host when it could not be anything else. */
function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  if (!/[.:]/.test(first) && first !== "localhost" && first === first.toLowerCase()) {
    return { registry: dockerHub, repository: slash === -1 ? `library/${name}` : name };
  }
  const registry = first === "index.docker.io" ? dockerHub : first;
  const repository = name.slice(slash + 1);
  const official = registry === dockerHub && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository };
}

const suffix = ({ tag, digest }: Reference): string =>
  `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
