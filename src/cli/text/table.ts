import { printableLine } from "../../diagnostics/printable.ts";
import { plainStyle, type Style } from "../../diagnostics/style.ts";

export interface Cell {
  readonly text: string;
  /** Emphasis that takes no room. */
  readonly paint?: (text: string) => string;
}

/** Rows under a heading, columns as wide as their widest cell. A last column is not filled up. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  style: Style = plainStyle,
): string {
  const head = heading.map((text): Cell => ({ text, paint: style.dim }));
  const cells = [head, ...rows.map((row) => row.map(cellOf))];
  const widths = heading.map((_, at) => Math.max(...cells.map((row) => row[at]?.text.length ?? 0)));
  return cells
    .map((row) => `${row.map((cell, at) => filled(cell, widths[at] ?? 0, at === row.length - 1)).join("  ")}\n`)
    .join("");
}

function cellOf(cell: string | Cell): Cell {
  const { text, ...rest } = typeof cell === "string" ? { text: cell } : cell;
  return { ...rest, text: printableLine(text) };
}

const filled = ({ text, paint = (same) => same }: Cell, width: number, last: boolean): string =>
  `${paint(text)}${last ? "" : " ".repeat(width - text.length)}`;

/** `sha256:0123456789ab`: enough to tell images apart. */
export const shortDigest = (digest: string | undefined): string => digest?.slice(0, "sha256:".length + 12) ?? "-";

/** `2026-11-22 14:05` in UTC. */
export const minutes = (time: string | undefined): string => time?.slice(0, 16).replace("T", " ") ?? "-";

/** `12.3 MB`, in powers of a thousand. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return `${(size / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ""}`;
}
