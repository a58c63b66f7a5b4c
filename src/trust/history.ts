import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { openRepository } from "../git/repository.ts";

/** Whether there is a git repository to hold labels against; when not, a warning says why. */
export interface History {
  readonly there: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** `root` is undefined where there is no catalogue. Throws `RefusedError` for a clone that would give wrong answers. */
export async function historyOf(root: string | undefined): Promise<History> {
  if (root === undefined) return without("there is no catalogue here");
  try {
    await openRepository(root, []);
    return { there: true, warnings: [] };
  } catch (failure) {
    const absent =
      failure instanceof RefusedError && failure.diagnostics.some(({ code }) => code === "not-a-repository");
    if (!absent) throw failure;
    return without("the catalogue is in no git repository");
  }
}

/** Stands for the catalogue when whole references are verified where there is none. */
export const nowhere: Catalogue = {
  root: "",
  settings: {
    repo: "localhost/none",
    home: "localhost/none",
    meaningful: false,
    freeze: "warn",
    mayChange: {},
    tests: "changed",
    insecure: [],
    copies: [],
    mirrors: [],
    adopted: [],
    withdrawn: [],
  },
  science: [],
  compat: [],
  diagnostics: [],
};

const without = (why: string): History => ({
  there: false,
  warnings: [
    warning("no-history", `labels are not held against git: ${why}`, {
      help: "run it in a clone of the catalogue to have commits and inputs checked as well",
    }),
  ],
});
