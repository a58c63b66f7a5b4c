import type { Instruction } from "./model.ts";

/** What an ONBUILD instruction writes into the configuration of its image: the instruction behind it, with its heredocs. */
export const triggerText = ({ args, inner }: Instruction): string =>
  `${args}${(inner?.heredocs ?? []).map(({ content, name }) => `\n${content}${name}`).join("")}`;
