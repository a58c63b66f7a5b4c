import { type Call, type Command, exitCodes } from "../command.ts";
import { usageError } from "../usage.ts";

const systems = ["jenkins", "gitlab", "github", "argo", "slurm"];

export const pipeline: Command = {
  name: "pipeline",
  summary: "Write the files by which a CI system checks, builds and publishes the catalogue",
  description:
    "A proposed change is checked and gets its plan as a comment; every commit of the branch is planned, built in parts side by side and " +
    "published in one step, and so is what the registry lacks, each night. The files are short, do not grow with the catalogue, and are " +
    "meant to be edited. Overwrites nothing.",
  arguments: [],
  options: [
    {
      name: "for",
      kind: "text",
      value: "SYSTEM",
      choices: systems,
      description: "the CI system",
      lineOnly: true,
    },
    {
      name: "output",
      kind: "text",
      value: "DIR",
      values: "folders",
      description: "write all files below DIR, the catalogue's root as a rule, instead of the main one to stdout",
      lineOnly: true,
    },
    {
      name: "branch",
      kind: "text",
      value: "NAME",
      description: "branch that is published (default: that of the remote, else main)",
      lineOnly: true,
    },
    {
      name: "parts",
      kind: "number",
      value: "N",
      description: "build jobs side by side, at most (default: 8)",
      lineOnly: true,
    },
  ],
  formats: ["text"],
  examples: [
    { line: "pipeline --for gitlab", says: "see what would be written" },
    { line: "pipeline --for github --output .", says: "write .github/workflows/image-builder.yml" },
    { line: "pipeline --for jenkins --parts 20 --output .", says: "a Jenkinsfile for twenty agents" },
  ],
  run: writePipeline,
};

async function writePipeline(call: Call): Promise<number> {
  const { values, world, session } = call;
  const system = values.text("for");
  if (system === undefined) throw usageError("pipeline needs --for", `write --for and one of: ${systems.join(", ")}`);
  const run = await import("../../run/pipeline.ts");
  const request = { system, branch: values.text("branch"), parts: values.number("parts") };
  const files = await run.pipeline(session, request);
  const output = values.text("output");
  if (output === undefined) {
    world.stdout.write(files[0]?.text ?? "");
    return exitCodes.done;
  }
  const { writeNew } = await import("../new/write-new.ts");
  for (const path of writeNew(world.directory, output, files)) world.stdout.write(`${path}\n`);
  return exitCodes.done;
}
