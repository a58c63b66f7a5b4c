import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** Reads the private key to sign with: PEM, PKCS#8, ECDSA on P-256. Throws `RefusedError`; no part of the key is ever shown. */
export function readSigningKey(file: string, passphrase?: string): KeyObject {
  const pem = readKeyFile(file);
  const key = attempt(() => createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) }));
  if (!key) throw new RefusedError([badKey(file, whyNoPrivateKey(pem))]);
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new RefusedError([badKey(file, "is not an ECDSA key on P-256")]);
  return key;
}

/** Reads what signatures are checked with: a public key, a certificate, or the private key itself. Throws `RefusedError`. */
export function readVerifyingKey(file: string): KeyObject {
  const pem = readKeyFile(file);
  const key = attempt(() => createPublicKey(pem));
  if (!key) throw new RefusedError([badKey(file, "holds no public key or certificate in PEM form")]);
  if (!["ec", "rsa", "ed25519"].includes(key.asymmetricKeyType ?? "")) {
    throw new RefusedError([badKey(file, `is a key of the kind ${key.asymmetricKeyType}, which signs nothing here`)]);
  }
  return key;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const notes = [{ message: (cause as Error).message }];
    throw new RefusedError([
      error("unreadable-key", `the key ${file} cannot be read`, {
        notes,
        help: "name a key file in PEM form that you may read",
      }),
    ]);
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function whyNoPrivateKey(pem: string): string {
  if (pem.includes("ENCRYPTED SIGSTORE") || pem.includes("ENCRYPTED COSIGN"))
    return "is encrypted in cosign's own way, which is not read here";
  if (pem.includes("ENCRYPTED")) return `is encrypted, and ${passphraseVariable} is not its passphrase`;
  return "holds no private key in PEM form";
}

export const passphraseVariable = "IMAGE_BUILDER_KEY_PASSPHRASE";

const badKey = (file: string, why: string) =>
  error("bad-key", `the key ${file} ${why}`, {
    help: "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem && openssl pkey -in key.pem -pubout -out pub.pem",
  });
