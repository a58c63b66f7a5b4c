import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A program on a real terminal. */
export interface Terminal {
  /** Types these characters as they are. */
  type(text: string): void;
  /** Presses a key by tmux's name: `Enter`, `Tab`, `C-c`. */
  press(key: string): void;
  /** What is on the screen, once it fits; throws with the screen when it does not in time. */
  waitFor(pattern: RegExp): Promise<string>;
}

/** Runs a command line of the shell in a terminal of 120 columns; ended with the test. */
export function openTerminal(command: string, directory: string): Terminal {
  const socket = `image-builder-${randomUUID().slice(0, 8)}`;
  const tmux = (...words: string[]): string =>
    execFileSync("tmux", ["-L", socket, ...words], { encoding: "utf8", stdio: "pipe" });
  tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-c", directory, command);
  tmux("set-option", "-g", "remain-on-exit", "on");
  onTestFinished(() => void tmux("kill-server"));
  return {
    type: (text) => void tmux("send-keys", "-l", text),
    press: (key) => void tmux("send-keys", key),
    async waitFor(pattern) {
      let screen = "";
      for (let attempt = 0; attempt < 300; attempt += 1) {
        screen = tmux("capture-pane", "-p", "-J");
        if (pattern.test(screen)) return screen;
        await wait(100);
      }
      throw new Error(`the terminal does not show ${pattern}:\n${screen}`);
    },
  };
}
