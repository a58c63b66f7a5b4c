import { printableLine } from "../../diagnostics/printable.ts";
import type { Reason } from "../../plan/model.ts";

/** Why something is built, to stand behind "because". */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "files-changed":
      return changed(reason.files);
    case "parent-rebuilt":
      return `its parent ${reason.parent} is rebuilt`;
    case "science-rebuilt":
      return `its science image ${reason.science} is rebuilt`;
    case "compat-changed":
      return `the compat layer ${reason.layer} changed: ${changed(reason.files)}`;
    case "included":
      return "--include names it";
    case "refreshed":
      return `--refresh names ${printableLine(reason.asked)}`;
    case "not-published":
      return reason.says ?? "it is not published, or not as it is defined now";
    case "withdrawn":
      return `what is published as ${reason.tag} is withdrawn: ${printableLine(reason.why)}`;
    case "nothing-to-compare":
      return "there is nothing to compare with";
    case "all":
      return "--since all plans everything";
  }
}

const shown = 5;

function changed(files: readonly string[]): string {
  const more = files.length > shown ? ` and ${files.length - shown} more` : "";
  return `${files.slice(0, shown).map(printableLine).join(", ")}${more} changed`;
}
