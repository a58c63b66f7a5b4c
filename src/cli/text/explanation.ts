import { printableLine } from "../../diagnostics/printable.ts";
import type { ExplainedBuild, Explanation, RefreshedPart } from "../../plan/why.ts";
import { reasonText } from "./reason.ts";

/** One paragraph for each build: the chain of reasons down to the changed file, or the rule that stopped it. */
export const explanationText = ({ builds }: Explanation): string => builds.map(paragraph).join("\n");

function paragraph({ id, planned, chain, rule, refreshed = [] }: ExplainedBuild): string {
  const published = refreshed.map(refreshText).join("");
  if (!planned) return `${id} is not planned: ${rule?.says ?? "nothing asks for it"}\n${published}`;
  const links = chain.map(
    (link) => `  ${link.id === id ? "" : `${link.id} is planned `}because ${reasonText(link.reason)}\n`,
  );
  return `${id} is planned\n${links.join("")}${published}`;
}

const refreshText = ({ name, kind, tag, asked }: RefreshedPart): string =>
  `  published: the ${kind === "compat" ? "interface" : "science layer"} of ${name} was built anew as ${tag} by --refresh ${printableLine(asked)}\n`;
