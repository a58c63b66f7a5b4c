import { type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { parseDocument } from "../oci/untrusted.ts";

/** https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  /** Base64; made over `signedBytes`. */
  readonly signatures: readonly { readonly sig: string; readonly keyid?: string | undefined }[];
}

export const envelopeMediaType = "application/vnd.dsse.envelope.v1+json";

/** Signs with ECDSA and SHA-256. Without a `keyid`: the verifiers in use take a key as it is given to them. */
export function signEnvelope(payloadType: string, payload: Buffer, key: KeyObject): Envelope {
  const signature = sign("sha256", signedBytes(payloadType, payload), key);
  return { payloadType, payload: payload.toString("base64"), signatures: [{ sig: signature.toString("base64") }] };
}

/** Whether one of the signatures was made with the key that belongs to this one. */
export function isSignedBy({ payloadType, payload, signatures }: Envelope, key: KeyObject): boolean {
  const bytes = signedBytes(payloadType, Buffer.from(payload, "base64"));
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  return signatures.some(({ sig }) => isSignature(hash, bytes, key, Buffer.from(sig, "base64")));
}

/** Reads an envelope that came from outside. Throws `FailedError`. */
export const parseEnvelope = (bytes: Uint8Array): Envelope =>
  parseDocument(envelopeSchema, bytes, "the attached envelope");

export const payloadOf = ({ payload }: Envelope): Buffer => Buffer.from(payload, "base64");

/** https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md#signature-definition; lengths in bytes. */
export function signedBytes(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function isSignature(hash: string | null, bytes: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, bytes, key, signature);
  } catch {
    return false;
  }
}

export const envelopeSchema = z.looseObject({
  payloadType: z.string().max(1000),
  payload: z.base64(),
  signatures: z
    .array(
      z.looseObject({
        sig: z.base64(),
        keyid: z
          .string()
          .nullish()
          .transform((value) => value ?? undefined),
      }),
    )
    .max(100),
});
