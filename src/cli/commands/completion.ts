import { type Call, type Command, exitCodes } from "../command.ts";
import { usageError } from "../usage.ts";

const shells = ["bash", "zsh", "fish"];

export const completion: Command = {
  name: "completion",
  summary: "Print what a shell needs to complete commands, options, images and directories",
  arguments: [{ name: "SHELL", description: shells.join(", "), required: true, choices: shells }],
  options: [],
  formats: ["text"],
  examples: [
    { line: "completion bash > ~/.local/share/bash-completion/completions/image-builder", says: "for good" },
    { line: "completion zsh", says: "to be sourced from ~/.zshrc" },
    { line: "completion fish > ~/.config/fish/completions/image-builder.fish", says: "for good" },
  ],
  run: printScript,
};

async function printScript({ arguments: [shell = ""], world }: Call): Promise<number> {
  const { completionScripts } = await import("../completion/scripts.ts");
  const script = completionScripts[shell];
  if (script === undefined)
    throw usageError(`there is no completion for "${shell}"`, `write one of: ${shells.join(", ")}`);
  world.stdout.write(script);
  return exitCodes.done;
}
