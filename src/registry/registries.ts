import type { Descriptor } from "../oci/descriptor.ts";
import { sha256Digest } from "../oci/digest.ts";
import { type Connection, connect } from "./connection.ts";
import { createCredentialStore } from "./credential-store.ts";
import { getBlob, headBlob } from "./downloads.ts";
import { RegistryFailure } from "./failures.ts";
import { referrerOf } from "./manifest-facts.ts";
import { deleteManifest, getManifest, headManifest, putManifest } from "./manifests.ts";
import type { Limits, Manifests, Registries, RegistriesOptions, Registry, Repository } from "./model.ts";
import { Referrers } from "./referrers.ts";
import { Secrets } from "./secrets.ts";
import { listFirstTags, listTags } from "./tags.ts";
import { createTransport } from "./transport.ts";
import { Uploads } from "./uploads.ts";

/** Speaks to registries over HTTP, each host with its own logins, tokens and bound on requests at a time. */
export function createRegistries(options: RegistriesOptions = {}): Registries {
  const limits = { ...defaultLimits, ...options.limits };
  const secrets = options.secrets ?? new Secrets();
  const transport = createTransport({ ...options, limits, secrets });
  const findCredential = createCredentialStore(options.environment ?? process.env, secrets);
  const open = new Map<string, OpenRegistry>();
  const insecure = options.insecure ?? [];
  return {
    registryFor(host) {
      const known =
        open.get(host) ??
        openRegistry(connect(host, transport.send, { ...options, limits, insecure, findCredential, secrets }));
      open.set(host, known);
      return known.registry;
    },
    async close() {
      await Promise.all([...open.values()].map(({ uploads }) => uploads.cancelAll()));
      await transport.close();
    },
  };
}

const defaultLimits: Limits = { attempts: 6, firstWait: 250, answer: 60_000, stall: 60_000 };

interface OpenRegistry {
  readonly registry: Registry;
  readonly uploads: Uploads;
}

function openRegistry(connection: Connection): OpenRegistry {
  const uploads = new Uploads(connection);
  const referrers = new Referrers(connection);
  const { host } = connection;
  const repository = (path: string): Repository => ({
    host,
    path,
    manifests: manifestsOf(connection, path, referrers, uploads),
    blobs: {
      head: (digest) => headBlob(connection, path, digest),
      get: (blob) => getBlob(connection, path, blob),
      put: (blob, source) => uploads.put(path, blob, source),
      mount: (digest, fromRepository) => uploads.mount(path, digest, fromRepository),
    },
    listings: {
      tags: () => listTags(connection, path),
      firstTags: () => listFirstTags(connection, path),
      referrers: (subject, artifactType) => referrers.list(path, subject, artifactType),
    },
  });
  return { registry: { host, repository }, uploads };
}

const manifestsOf = (connection: Connection, path: string, referrers: Referrers, uploads: Uploads): Manifests => ({
  head: (target) => headManifest(connection, path, target),
  get: (target) => getManifest(connection, path, target),
  async put(target, mediaType, bytes, known) {
    const stored: Descriptor = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    const answer = await putManifest(connection, path, target, mediaType, bytes).catch((failure: unknown) => {
      if (failure instanceof RegistryFailure) uploads.forget(path, failure.missing);
      throw failure;
    });
    const attached = referrerOf(mediaType, bytes, stored.digest);
    if (attached) await referrers.attached(path, answer, attached, known?.isFirstReferrer);
    return stored;
  },
  delete: (target) => deleteManifest(connection, path, target),
});
