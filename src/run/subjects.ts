import type { Catalogue } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type History, historyOf, nowhere } from "../trust/history.ts";
import type { Subject } from "../trust/subject.ts";
import { allSubjects, namedSubjects } from "../trust/subjects.ts";
import { isNoCatalogue, type Session } from "./session.ts";

/** `all`: every image-version of the catalogue, and every stable tag beside them. */
export type ImageNames = readonly string[] | "all";

interface FoundSubjects {
  readonly catalogue: Catalogue;
  readonly subjects: readonly Subject[];
  readonly history: History;
  /** Lists of tags that could not be read, so that there may be more images. */
  readonly problems: readonly Diagnostic[];
}

/** The published images that these names mean. Whole references can be named where there is no catalogue. Throws `RefusedError`. */
export async function findSubjects(session: Session, names: ImageNames): Promise<FoundSubjects> {
  const { catalogue, history } = await catalogueFor(session, names);
  if (names !== "all") return { catalogue, history, subjects: namedSubjects(names, catalogue), problems: [] };
  return { catalogue, history, ...(await allSubjects(catalogue, await session.asking())) };
}

async function catalogueFor(session: Session, names: ImageNames): Promise<{ catalogue: Catalogue; history: History }> {
  try {
    const catalogue = await session.catalogue();
    return { catalogue, history: await historyOf(catalogue.root) };
  } catch (failure) {
    const far = names !== "all" && names.length > 0 && names.every((name) => name.split("/").length > 2);
    if (!far || !isNoCatalogue(failure)) throw failure;
    return { catalogue: nowhere, history: await historyOf(undefined) };
  }
}
