import { z } from "zod";
import type { Catalogue } from "../catalogue/model.ts";
import { scienceDefinition } from "../catalogue/schema.ts";
import { parseReference } from "../oci/reference.ts";
import type { ScienceRequest } from "./model.ts";

/** Something that a new layer needs and that was not said. */
export interface Question {
  readonly option: "from" | "base" | "version" | "compat";
  readonly asks: string;
  /** What an empty answer means; undefined where there has to be one. */
  readonly suggestion?: string;
  /** What there is to choose from. */
  readonly choices?: readonly string[];
  /** A sentence part, or undefined for a good answer. */
  readonly wrong: (answer: string) => string | undefined;
}

/** What is missing, in the order of asking. With a layer to build on, everything else follows from it. */
export function missing(request: ScienceRequest, catalogue: Catalogue): readonly Question[] {
  if (request.from !== undefined) return [];
  return [
    ...(request.base === undefined ? [baseQuestion(catalogue)] : []),
    ...(request.version === undefined ? [versionQuestion] : []),
    ...(request.compat === undefined ? [compatQuestion(catalogue)] : []),
  ];
}

/** Asked before anything else where the catalogue has layers and neither they nor another image were named. */
export const fromQuestion = ({ science }: Catalogue): Question => {
  const choices = science.map(({ target }) => target);
  return {
    option: "from",
    asks: "Science layer of this catalogue to build on (none: start from another image)",
    suggestion: "none",
    choices,
    wrong: (answer) =>
      answer === "none" || choices.includes(answer) ? undefined : "is no science layer of this catalogue",
  };
};

const baseQuestion = ({ science }: Catalogue): Question => ({
  option: "base",
  asks: "Image to start from",
  suggestion:
    mostUsed(
      science.flatMap(({ bases }) => bases.flatMap(({ source, name }) => (source.kind === "external" ? [name] : []))),
    ) ?? "debian:bookworm-slim",
  wrong: wrongBase,
});

const versionQuestion: Question = {
  option: "version",
  asks: "Version that users will see",
  suggestion: "1.0",
  wrong: (answer) => wrongBy(scienceDefinition.shape.version, answer),
};

function compatQuestion({ science, compat }: Catalogue): Question {
  const choices = compat.map(({ name }) => name);
  const suggestion = mostUsed(science.flatMap((each) => each.compat ?? [])) ?? choices[0];
  return {
    option: "compat",
    asks: "Interface (a directory of compat/)",
    ...(suggestion !== undefined && { suggestion }),
    choices,
    wrong: (answer) => wrongBy(scienceDefinition.shape.compat, answer),
  };
}

/** What is wrong with the name of a directory of layers, which is the name of repositories, too. */
export const wrongName = (name: string): string | undefined => wrongBy(scienceDefinition.shape.image, name);

export const wrongVersion = versionQuestion.wrong;

export const wrongBase = (base: string): string | undefined =>
  base === "scratch" || parseReference(base) ? undefined : "is not the name of an image";

const wrongBy = (schema: z.ZodType, value: string): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

/** The one that occurs most often, the first of them where several do. */
function mostUsed(values: readonly string[]): string | undefined {
  const counted = new Map<string, number>();
  for (const each of values) counted.set(each, (counted.get(each) ?? 0) + 1);
  return [...counted].sort(([, a], [, b]) => b - a)[0]?.[0];
}
