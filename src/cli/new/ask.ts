import type { Catalogue } from "../../catalogue/model.ts";
import { fromQuestion, missing, type Question } from "../../scaffold/missing.ts";
import type { ScienceRequest } from "../../scaffold/model.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";

/** Asks for what is missing. Throws a usage error that names the options where nobody can be asked. */
export async function askMissing(request: ScienceRequest, catalogue: Catalogue, world: World): Promise<ScienceRequest> {
  const { prompt } = world;
  let complete = request;
  if (prompt && missing(request, catalogue).some(({ option }) => option === "base") && catalogue.science.length > 0) {
    const from = await ask(fromQuestion(catalogue), world);
    if (from !== "none") complete = { ...complete, from };
  }
  const questions = missing(complete, catalogue);
  if (!prompt && questions.length > 0) throw cannotAsk(request, questions);
  for (const question of questions) complete = { ...complete, [question.option]: await ask(question, world) };
  return complete;
}

/** Until the answer is one that can be used. */
async function ask({ asks, choices, suggestion, wrong }: Question, { prompt, stderr, signal }: World): Promise<string> {
  if (choices && choices.length > 0 && choices.length <= 20) stderr.write(`  ${choices.join(", ")}\n`);
  for (;;) {
    const said = await prompt?.(`${asks}${suggestion === undefined ? "" : ` [${suggestion}]`}: `, signal);
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

function cannotAsk({ name }: ScienceRequest, questions: readonly Question[]): Error {
  const options = questions.map(({ option, suggestion }) => `--${option} ${suggestion ?? option.toUpperCase()}`);
  const what = questions
    .map(({ option }) => `--${option}`)
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1");
  return usageError(
    `"image-builder new science ${name}" needs ${what}, and there is no terminal to ask on`,
    `write image-builder new science ${name} ${options.join(" ")}, or --from TARGET to build on a layer of the catalogue`,
  );
}
