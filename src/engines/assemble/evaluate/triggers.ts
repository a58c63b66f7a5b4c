import { type Instruction, parseDockerfile } from "../../../dockerfile/index.ts";
import { AssembleError } from "./assemble-error.ts";

/** What only the Dockerfile knows that they are carried out in. */
const ofOtherStages = new Set(["no-such-stage", "stage-uses-itself"]);

/** The instructions that a base image's ONBUILD left for those who build on it. */
export function triggersOf(triggers: readonly string[]): Instruction[] {
  if (triggers.length > mostTriggers)
    throw new AssembleError(`the base image has ${triggers.length} ONBUILD instructions, more than ${mostTriggers}`);
  const { instructions, problems } = parseDockerfile(`FROM base\n${triggers.join("\n")}\n`);
  const wrong = problems.find(({ severity, code }) => severity === "error" && !ofOtherStages.has(code));
  if (wrong) throw new AssembleError(`an ONBUILD instruction of the base image cannot be read: ${wrong.message}`);
  return instructions.slice(1);
}

/** Each copies the environment that those before it have made. */
const mostTriggers = 1000;
