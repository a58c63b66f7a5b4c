import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Attested, attestPublished } from "../trust/attest.ts";
import { passphraseVariable, readSigningKey } from "../trust/keys.ts";
import type { ImageVerdict } from "../trust/model.ts";
import { verifyImages } from "../trust/verify.ts";
import type { Session } from "./session.ts";
import { findSubjects, type ImageNames } from "./subjects.ts";

export interface SignRequest {
  readonly images: ImageNames;
  /** PEM file of the private key. */
  readonly key: string;
}

export interface SignedImage extends Omit<Attested, "unique"> {
  /** As it was asked for; what is signed is the digest behind it. */
  readonly reference: string;
  readonly digest?: string;
  /** Whether a statement of this key is attached now. */
  readonly signed: boolean;
}

export interface Signed {
  readonly images: readonly SignedImage[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Signs what is published already, as the registry has it, without an engine and whatever is checked out. An image that
 * contradicts its own labels, or cannot be proven by what the registry has, is not signed.
 */
export async function sign(session: Session, { images, key: file }: SignRequest): Promise<Signed> {
  const key = readSigningKey(file, session.environment[passphraseVariable]);
  const { catalogue, subjects, history, problems } = await findSubjects(session, images);
  const registries = await session.moving();
  const verdicts = await verifyImages(subjects, { catalogue, registries, git: history.there });
  const { repo, home } = catalogue.settings;
  const options = { registries, prefixes: [repo, home], key, time: Date.now() / 1000, afterwards: true };
  const good = verdicts.flatMap(({ verdict, reference: unique, digest }) =>
    verdict !== "changed" && digest ? [{ unique, digest }] : [],
  );
  const attested = new Map((await attestPublished(good, options)).map((each) => [each.unique, each]));
  const signed = verdicts.map((each) => signedImage(each, attested.get(each.reference)));
  return { images: signed, warnings: [...history.warnings, ...problems] };
}

function signedImage({ reference, digest, ...verified }: ImageVerdict, attested: Attested | undefined): SignedImage {
  const { verdict, problems } = attested ?? verified;
  return {
    reference,
    ...(digest !== undefined && { digest }),
    verdict,
    signed: attested?.verdict === "untouched",
    problems,
  };
}
