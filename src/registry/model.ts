import type { Readable } from "node:stream";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Secrets } from "./secrets.ts";

/** One registry, or what behaves as one. */
export interface Registry {
  /** Host and port as in a reference: `docker.io`, `localhost:5000`. */
  readonly host: string;
  /** `path` without the registry's host. Asks nothing: whether it is there shows when it is read. */
  repository(path: string): Repository;
}

/**
 * One repository, by the roles that the endpoints of
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md have. What is absent is `undefined`, everything
 * else that goes wrong is thrown as `FailedError`, and what is read has the digest it was asked by. What cuts across wraps
 * one role and hands on the others.
 */
export interface Repository {
  readonly host: string;
  readonly path: string;
  readonly manifests: Manifests;
  readonly blobs: Blobs;
  readonly listings: Listings;
  /** What passed by in this run; undefined where nothing is kept of it. */
  readonly memory?: RepositoryMemory;
}

/** A target is a tag or a digest. */
export interface Manifests {
  head(target: string): Promise<Descriptor | undefined>;
  get(target: string): Promise<ManifestContent | undefined>;
  /** With a `subject` in it, the manifest is among the referrers of that subject afterwards. */
  put(target: string, mediaType: string, bytes: Uint8Array, known?: PutKnowledge): Promise<Descriptor>;
  /** By digest; by tag only where the registry offers it. False when there was nothing to delete. */
  delete(target: string): Promise<boolean>;
}

/** What a caller knows and the registry need not be asked. */
interface PutKnowledge {
  /** The subject has no other referrers. */
  readonly isFirstReferrer?: boolean;
}

export interface Blobs {
  head(digest: Digest): Promise<Descriptor | undefined>;
  /** A stream that fails at its end when the bytes are not those of the descriptor. Read it to the end or destroy it. */
  get(blob: Descriptor): Promise<Readable>;
  /** The descriptor's `size` is sent ahead and must be right. */
  put(blob: Descriptor, source: BlobSource): Promise<void>;
  /** False when the registry has no such blob there, or does not let us see it: upload it then. */
  mount(digest: Digest, fromRepository: string): Promise<boolean>;
}

export interface Listings {
  /** All tags in the registry's order; none for a repository that is not there. */
  tags(): Promise<readonly string[]>;
  /** What one request tells of them; `tags` does where undefined. */
  firstTags?(): Promise<TagPage>;
  /** Descriptors with `artifactType` and `annotations` of the manifests whose subject this is. */
  referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]>;
}

export interface TagPage {
  readonly tags: ReadonlySet<string>;
  /** False where there are more, or may be. */
  readonly isAll: boolean;
}

interface RepositoryMemory {
  /** What was last seen behind a tag; undefined when nobody has asked in this run. */
  lastSeen(tag: string): ManifestContent | "absent" | undefined;
}

export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** The bytes, or a function that opens them from their start, as often as an upload has to begin again. */
export type BlobSource = Uint8Array | (() => Readable);

/** All registries of a run, one object per host. */
export interface Registries {
  registryFor(host: string): Registry;
  /** Ends idle connections. */
  close(): Promise<void>;
}

export interface RegistriesOptions {
  /** Hosts (with port) spoken to over plain http. Loopback hosts always may be. */
  readonly insecure?: readonly string[];
  /** Requests under way per host at a time; 8 when not said. */
  readonly concurrency?: number;
  /** For proxies and credentials: `HTTPS_PROXY`, `NO_PROXY`, `DOCKER_CONFIG`, `HOME`…; the process's own when not said. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Gets to know the logins that are read and the tokens that are given; of its own when not said. */
  readonly secrets?: Secrets;
  readonly signal?: AbortSignal;
  readonly onRequest?: (event: RequestEvent) => void;
  readonly limits?: Partial<Limits>;
}

export interface Limits {
  /** How often a request is made before its failure counts; the waits between double. */
  readonly attempts: number;
  /** Milliseconds before the second attempt. */
  readonly firstWait: number;
  /** Milliseconds until an answer's head, and again until the end of a short answer. */
  readonly answer: number;
  /** Milliseconds of waiting in which a blob that is read or sent has to get on. */
  readonly stall: number;
}

/** One request that was answered or broke off. */
export interface RequestEvent {
  readonly method: string;
  /** Without user, password and query. */
  readonly url: string;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly milliseconds: number;
}
