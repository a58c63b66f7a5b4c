import type { Call } from "../command.ts";
import { styleFor } from "../style.ts";
import { liveProgress } from "./live.ts";
import { plainProgress, quietProgress } from "./plain.ts";
import type { Progress } from "./progress.ts";

/** Live on a terminal only; `CI` and `TERM=dumb` mean a log, and so does `-vvv`, which shows all that builds say. */
export function progressFor({ values, world }: Call): Progress {
  const { stderr, environment } = world;
  const style = styleFor(values.text("color"), stderr, environment);
  if (values.flag("quiet")) return quietProgress(stderr, style);
  const everything = values.count("verbose") > 2;
  const live = stderr.isTerminal && !everything && !environment.CI && environment.TERM !== "dumb";
  return live ? liveProgress(stderr, style) : plainProgress(stderr, style, everything);
}
