import { createHash } from "node:crypto";

declare const brand: unique symbol;

/** `sha256:` and 64 lower-case hexadecimal digits. Other algorithms are not read: no registry in use serves them. */
export type Digest = `sha256:${string}` & { readonly [brand]: "Digest" };

/** Undefined when the text is not a sha256 digest in its canonical spelling. */
export const parseDigest = (text: string): Digest | undefined => (isDigest(text) ? text : undefined);

export const isDigest = (text: string): text is Digest => /^sha256:[0-9a-f]{64}$/.test(text);

export const sha256Digest = (bytes: Uint8Array | string): Digest =>
  asDigest(createHash("sha256").update(bytes).digest("hex"));

/** The 64 hexadecimal digits behind `sha256:`. */
export const digestHex = (digest: Digest): string => digest.slice("sha256:".length);

/** Digest and length of bytes that pass by. `end` is called once, after the last `update`. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  end(): { readonly digest: Digest; readonly size: number };
}

export function createHasher(): Hasher {
  const hash = createHash("sha256");
  let size = 0;
  return {
    update(chunk) {
      hash.update(chunk);
      size += chunk.length;
    },
    end: () => ({ digest: asDigest(hash.digest("hex")), size }),
  };
}

const asDigest = (hex: string): Digest => `sha256:${hex}` as Digest;
