import { type CatalogueNames, readNames } from "../catalogue/names.ts";
import type { Session } from "./session.ts";

/** What can be named on a command line. A catalogue that cannot be read has no names: nobody wants an error for a key press. */
export function names(session: Session): CatalogueNames {
  try {
    return readNames(session.root);
  } catch {
    return { directories: [], images: [], targets: [], compat: [] };
  }
}
