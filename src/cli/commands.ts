import type { Command } from "./command.ts";
import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { completion } from "./commands/completion.ts";
import { images } from "./commands/images.ts";
import { plan } from "./commands/plan.ts";
import { verify } from "./commands/verify.ts";
import { why } from "./commands/why.ts";

/** In the order of the help. */
export const commands: readonly Command[] = [build, plan, check, why, images, verify, completion];
