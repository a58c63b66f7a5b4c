import { z } from "zod";
import { outcomes } from "../resolve/model.ts";
import type { Examined } from "./model.ts";

/** `Examined` as one job of a pipeline leaves it for another. */
export const examinedSchema: z.ZodType<Examined> = z.object({
  examination: z
    .object({
      resolves: z.enum(outcomes),
      doors: z.array(z.object({ door: z.string(), outcome: z.enum(outcomes) })),
      findings: z.array(
        z.object({
          key: z.string().exactOptional(),
          says: z.string(),
          stops: z.boolean(),
          excepted: z.string().exactOptional(),
        }),
      ),
      problems: z.array(z.string()),
    })
    .exactOptional(),
  tests: z.object({
    state: z.enum(["passed", "not tested", "not needed", "off", "none"]),
    why: z.string().exactOptional(),
  }),
});
