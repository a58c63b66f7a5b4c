import { z } from "zod";
import { standardLabel } from "../naming/labels.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { parseDocument } from "../oci/untrusted.ts";
import { type Envelope, envelopeSchema } from "./envelope.ts";

/** https://github.com/sigstore/protobuf-specs/blob/v0.4.1/protos/sigstore_bundle.proto */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/**
 * An envelope as `cosign verify-attestation` (from 3.0 on) looks for it. The hint names no key: verifiers refuse a name
 * that is not the one they would have given.
 */
export const writeBundle = (envelope: Envelope): Buffer =>
  canonicalJson({
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint: "" }, tlogEntries: [] },
    dsseEnvelope: envelope,
  });

/** Annotations by which a bundle is found among referrers. */
export const bundleAnnotations = (predicateType: string, created: string): Record<string, string> => ({
  "dev.sigstore.bundle.content": "dsse-envelope",
  "dev.sigstore.bundle.predicateType": predicateType,
  [standardLabel("created")]: created,
});

export const isBundle = (mediaType: string): boolean => mediaType.startsWith("application/vnd.dev.sigstore.bundle.");

/** Reads the envelope of a bundle that came from outside; undefined when it holds another kind of signature. Throws `FailedError`. */
export const parseBundle = (bytes: Uint8Array): Envelope | undefined =>
  parseDocument(bundleSchema, bytes, "the attached bundle").dsseEnvelope;

const bundleSchema = z.looseObject({ dsseEnvelope: envelopeSchema.optional() });
