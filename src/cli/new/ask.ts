import type { Question } from "../../scaffold/missing.ts";
import type { Prompt } from "../prompt.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";

/** Until the answer is one that can be used. */
export async function ask(
  { asks, choices, suggestion, wrong }: Question,
  prompt: Prompt,
  { stderr, signal }: World,
): Promise<string> {
  if (choices && choices.length > 0 && choices.length <= 20) stderr.write(`  ${choices.join(", ")}\n`);
  for (;;) {
    const said = await prompt(`${asks}${suggestion === undefined ? "" : ` [${suggestion}]`}: `, signal);
    if (said === undefined) {
      stderr.write("\n");
      throw usageError(
        "the input ended before the question was answered",
        "give what is asked for as options: image-builder new --help",
      );
    }
    const answer = said.trim() || suggestion || "";
    const problem = wrong(answer);
    if (problem === undefined) return answer;
    stderr.write(`${JSON.stringify(answer)} cannot be used: ${problem}\n`);
  }
}
