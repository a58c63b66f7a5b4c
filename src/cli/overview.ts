import type { Command } from "./command.ts";

/** The help without a command. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((each) => each.name.length));
  const lines = commands.map((each) => `  ${each.name.padEnd(width)}  ${each.summary}\n`);
  return `Usage: image-builder [command] [options]

Keeps a catalogue of science images and platform interfaces: plans what must be built, builds it, publishes it.

Commands:
${lines.join("")}
Without a command: build.

Examples:
  image-builder -v --dryrun           what the last commit changes
  image-builder                       build it here
  image-builder --push                build and publish it
  image-builder COMMAND --help        the options of a command, with examples

Other:
  --version                           the version of this program
`;
}
