import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { readVerifyingKey } from "../trust/keys.ts";
import type { ImageVerdict } from "../trust/model.ts";
import { isProven, verifyImages } from "../trust/verify.ts";
import type { Session } from "./session.ts";
import { findSubjects, type ImageNames } from "./subjects.ts";

export interface VerifyRequest {
  readonly images: ImageNames;
  /** PEM file that statements about an image have to be signed with; signatures are not looked at when undefined. */
  readonly key?: string | undefined;
}

export interface Verified {
  readonly verdicts: readonly ImageVerdict[];
  /** Whether every image is untouched, at its newest build or rolled back and, where there is a key, signed with it. */
  readonly proven: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** Whether the science part of published images is untouched. Whole references can be verified from anywhere, then without git. */
export async function verify(session: Session, { images, key: file }: VerifyRequest): Promise<Verified> {
  const key = file === undefined ? undefined : readVerifyingKey(file);
  const { catalogue, subjects, history, problems } = await findSubjects(session, images);
  const registries = await session.asking();
  const verdicts = await verifyImages(subjects, { catalogue, registries, git: history.there, key });
  const proven = problems.length === 0 && verdicts.every((each) => isProven(each, key !== undefined));
  return { verdicts, proven, warnings: [...history.warnings, ...problems] };
}
