import type { ExplainedBuild, Explanation } from "../../plan/why.ts";
import { reasonText } from "./reason.ts";

/** One paragraph for each build: the chain of reasons down to the changed file, or the rule that stopped it. */
export const explanationText = ({ builds }: Explanation): string => builds.map(paragraph).join("\n");

function paragraph({ id, planned, chain, rule }: ExplainedBuild): string {
  if (!planned) return `${id} is not planned: ${rule?.says ?? "nothing asks for it"}\n`;
  const links = chain.map(
    (link) => `  ${link.id === id ? "" : `${link.id} is planned `}because ${reasonText(link.reason)}\n`,
  );
  return `${id} is planned\n${links.join("")}`;
}
