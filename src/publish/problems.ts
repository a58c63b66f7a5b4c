import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { Plan } from "../plan/model.ts";
import { orphanedImage } from "../plan/orphans.ts";

/** Why a plan may be built but not published (B15, B17); all of them errors. */
export const publishProblems = (plan: Plan, options: { readonly allowOrphans: boolean }): Diagnostic[] => [
  ...(plan.dirty ? [dirtyTree(plan)] : []),
  ...(options.allowOrphans ? [] : orphans(plan)),
];

const dirtyTree = ({ stamp }: Plan): Diagnostic =>
  error("dirty-tree", "there are changes that are not committed, and tags are to name a commit that has everything", {
    notes: [{ message: `images built here carry the stamp ${stamp}` }],
    help: "commit the changes, or build without --push",
  });

const orphans = ({ warnings }: Plan): Diagnostic[] =>
  warnings.filter(({ code }) => code === orphanedImage).map((each) => ({ ...each, severity: "error" }));
