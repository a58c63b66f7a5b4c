import type { BuildResult } from "../../engines/run-model.ts";

/** What happens while builds run, as a person follows it on stderr. Everything else written there meanwhile goes through `note`. */
export interface Progress {
  started(id: string): void;
  /** Something a running build said. */
  said(id: string, line: string): void;
  finished(result: BuildResult): void;
  /** Whole lines that stay, each with its line end. */
  note(text: string): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** `2m 05s`, `12s`, `0.4s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, "0")}s`;
}
