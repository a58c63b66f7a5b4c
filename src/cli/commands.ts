import type { Command } from "./command.ts";
import { adopt } from "./commands/adopt.ts";
import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { completion } from "./commands/completion.ts";
import { contents } from "./commands/contents.ts";
import { history } from "./commands/history.ts";
import { images } from "./commands/images.ts";
import { newLayer } from "./commands/new.ts";
import { pipeline } from "./commands/pipeline.ts";
import { plan } from "./commands/plan.ts";
import { publish } from "./commands/publish.ts";
import { rollback } from "./commands/rollback.ts";
import { sign } from "./commands/sign.ts";
import { status } from "./commands/status.ts";
import { trail } from "./commands/trail.ts";
import { verify } from "./commands/verify.ts";
import { why } from "./commands/why.ts";
import { withdraw } from "./commands/withdraw.ts";

/** In the order of the help. */
export const commands: readonly Command[] = [
  build,
  plan,
  check,
  why,
  images,
  status,
  trail,
  contents,
  history,
  verify,
  sign,
  publish,
  rollback,
  adopt,
  withdraw,
  newLayer,
  pipeline,
  completion,
];
