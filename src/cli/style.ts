import { colourStyle, plainStyle, type Style } from "../diagnostics/style.ts";
import type { Environment } from "../engines/processes.ts";
import type { Output } from "./world.ts";

/** Colours on a terminal only, unless `--color` says otherwise; https://no-color.org is honoured. */
export function styleFor(when: string | undefined, output: Output, environment: Environment): Style {
  if (when === "always") return colourStyle;
  if (when === "never" || environment.NO_COLOR || environment.TERM === "dumb") return plainStyle;
  return output.isTerminal ? colourStyle : plainStyle;
}
