import { printableLine } from "../../diagnostics/printable.ts";

/** Text that stands for itself in Markdown, in a cell of a table too: no markup, no HTML, no mention of anybody, no link. */
export const plainText = (text: string): string =>
  printableLine(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/[\\`*_{}[\]()#+!|~$>]/g, "\\$&")
    .replace(/@/g, "@\u200b")
    .replace(/:\/\//g, ":\u200b//");

/** The same as code. Backticks in it become apostrophes. */
export const code = (text: string): string => `\`${printableLine(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;

/** Takes lines as long as they fit into so many characters, and says how many were left out. */
export function fitting<T>(
  items: readonly T[],
  write: (item: T) => string,
  room: number,
): { taken: string[]; left: number } {
  const taken: string[] = [];
  let used = 0;
  for (const item of items) {
    const text = write(item);
    used += text.length + 1;
    if (used > room) break;
    taken.push(text);
  }
  return { taken, left: items.length - taken.length };
}
