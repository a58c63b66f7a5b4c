import type { Catalogue } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type History, historyOf, nowhere } from "../trust/history.ts";
import { readVerifyingKey } from "../trust/keys.ts";
import type { ImageVerdict } from "../trust/model.ts";
import { allSubjects, namedSubjects } from "../trust/subjects.ts";
import { verifyImages } from "../trust/verify.ts";
import { isNoCatalogue, type Session } from "./session.ts";

export interface VerifyRequest {
  /** `all`: every image-version of the catalogue, and every stable tag beside them. */
  readonly images: readonly string[] | "all";
  /** PEM file that statements about an image have to be signed with; signatures are not looked at when undefined. */
  readonly key?: string | undefined;
}

export interface Verified {
  readonly verdicts: readonly ImageVerdict[];
  readonly warnings: readonly Diagnostic[];
}

/** Whether the science part of published images is untouched. Whole references can be verified from anywhere, then without git. */
export async function verify(session: Session, { images, key: file }: VerifyRequest): Promise<Verified> {
  const key = file === undefined ? undefined : readVerifyingKey(file);
  const { catalogue, history } = await catalogueFor(session, images);
  const registries = await session.asking();
  const subjects = images === "all" ? await allSubjects(catalogue, registries) : namedSubjects(images, catalogue);
  const verdicts = await verifyImages(subjects, { catalogue, registries, git: history.there, key });
  return { verdicts, warnings: history.warnings };
}

async function catalogueFor(
  session: Session,
  images: VerifyRequest["images"],
): Promise<{ catalogue: Catalogue; history: History }> {
  try {
    const catalogue = await session.catalogue();
    return { catalogue, history: await historyOf(catalogue.root) };
  } catch (failure) {
    const far = images !== "all" && images.length > 0 && images.every((name) => name.split("/").length > 2);
    if (!far || !isNoCatalogue(failure)) throw failure;
    return { catalogue: nowhere, history: await historyOf(undefined) };
  }
}
