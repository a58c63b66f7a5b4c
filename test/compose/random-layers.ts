import fc from "fast-check";
import type { Files } from "../support/repository.ts";

/**
 * Files of a catalogue whose compat layers have every form that a compat layer can have: stages of their own with and
 * without names, arguments with values, declared users, includes, whatever line ends. Every line that goes into a composed
 * Dockerfile as it is holds a `mark-N` that stands nowhere else.
 */
export const randomLayers: fc.Arbitrary<Files> = fc
  .record({
    compat: fc.array(compatChoice(), { minLength: 1, maxLength: 4 }),
    science: fc.array(scienceChoice(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ compat, science }) => {
    const mark = marks();
    return Object.fromEntries([
      ...compat.flatMap((each, at) => compatFiles(each, at, mark)),
      ...science.flatMap((each, at) => scienceFiles(each, at, compat.length, mark)),
    ]);
  });

interface Text {
  readonly lineEnd: string;
  /** What the text begins and ends with. */
  readonly first: string;
  readonly last: string;
}

interface CompatChoice extends Text {
  readonly includes: readonly number[];
  readonly stages: readonly { readonly form: number; readonly lines: readonly number[] }[];
  readonly lines: readonly number[];
  readonly argument: string | undefined;
  readonly proxy: boolean;
  readonly user: boolean;
  readonly directories: boolean;
}

interface ScienceChoice extends Text {
  readonly parent: number;
  readonly form: number;
  readonly lines: readonly number[];
  readonly compat: number;
}

function text() {
  return {
    lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
    first: fc.constantFrom("", "", "\ufeff", "# syntax=docker/dockerfile:1\n", "\n# a comment\n"),
    last: fc.constantFrom("\n", "\n", "", "\n\n# end", " \\\n", " \\\n# end\n"),
  };
}

function compatChoice(): fc.Arbitrary<CompatChoice> {
  return fc.record({
    ...text(),
    includes: fc.array(fc.nat(3), { maxLength: 2 }),
    stages: fc.array(fc.record({ form: fc.nat(5), lines: lines() }), { maxLength: 3 }),
    lines: lines(),
    argument: fc.constantFrom(undefined, "2.0", "it's"),
    proxy: fc.boolean(),
    user: fc.boolean(),
    directories: fc.boolean(),
  });
}

function scienceChoice(): fc.Arbitrary<ScienceChoice> {
  return fc.record({ ...text(), parent: fc.nat(), form: fc.nat(3), lines: lines(), compat: fc.nat(3) });
}

function lines() {
  return fc.array(fc.nat(11), { maxLength: 5 });
}

function marks(): () => string {
  let count = 0;
  return () => `mark-${(count += 1)}-`;
}

type Mark = () => string;

function compatFiles(choice: CompatChoice, at: number, mark: Mark): [string, string][] {
  const stages = choice.stages.map(({ form, lines }, stage) => [
    stageStart(form, stage, mark),
    ...lines.map((each) => line(each, stage, mark)),
  ]);
  const own = choice.lines.map((each) => line(each, stages.length, mark));
  const isStaged = stages.length > 0;
  const all = [...(isStaged ? ["ARG VERSION=1.0", ...stages.flat(), "FROM science"] : []), ...own];
  const includes = at === 0 ? [] : [...new Set(choice.includes.map((each) => `compat-${each % at}`))];
  const { argument, proxy, user, directories } = choice;
  const definition = {
    includes,
    args: { ...(argument !== undefined && { VERSION: argument }), ...(proxy && { http_proxy: "http://proxy:3128" }) },
    ...(user && { user: { name: "idies", uid: 1000, home: "/home/idies" } }),
    ...(directories && { directories: ["/srv"] }),
  };
  return folder(`compat/compat-${at}`, definition, written(all, choice));
}

function scienceFiles(choice: ScienceChoice, at: number, compats: number, mark: Mark): [string, string][] {
  const base = at > 0 && choice.parent % 2 === 0 ? `sci/layer-${choice.parent % at}:1.0` : "debian:bookworm-slim";
  const start = [
    [`FROM ${base}`],
    [`ARG VERSION=1.0 # ${mark()}`, `FROM ${base} AS below`, "FROM below"],
    [`FROM debian AS tool`, `RUN make ${mark()}`, `FROM ${base}`, `COPY --from=tool /a /${mark()}`],
    [`FROM \\`, `  # ${mark()}`, `  ${base} AS last`],
  ][choice.form] as string[];
  const all = [...start, ...choice.lines.map((each) => line(each, 0, mark))];
  const definition = { image: `image-${at}`, version: "1.0", compat: `compat-${choice.compat % compats}` };
  return folder(`science/layer-${at}`, definition, written(all, choice));
}

const folder = (directory: string, definition: object, dockerfile: string): [string, string][] => [
  [`${directory}/sciserver-image.json`, JSON.stringify(definition)],
  [`${directory}/Dockerfile`, dockerfile],
];

const written = (all: readonly string[], { lineEnd, first, last }: Text): string =>
  `${first}${all.join("\n")}${last}`.replaceAll("\n", lineEnd);

/** The first lines of a stage of a compat layer. */
function stageStart(form: number, stage: number, mark: Mark): string {
  switch (form) {
    case 0:
      return `FROM debian:\${VERSION}`;
    case 1:
      return `from debian as Stage${stage}`;
    case 2:
      return `  FROM --platform=linux/amd64 debian:12 AS stage${stage}`;
    case 3:
      return `FROM \\\n  # ${mark()}\n\n  alpine \\\n  AS stage${stage}`;
    case 4:
      return stage === 0 ? "FROM scratch" : `FROM ${stage % 2 === 0 ? "debian" : "stage0"} AS stage${stage}`;
    default:
      return `# ${mark()}\n\tFROM\tdebian:12\t`;
  }
}

/** A line behind `before` stages, or several. */
function line(form: number, before: number, mark: Mark): string {
  const earlier = before === 0 ? "alpine:3" : `${before - 1}`;
  switch (form) {
    case 0:
      return `ENV A=${mark()}`;
    case 1:
      return `RUN make ${mark()}`;
    case 2:
      return `RUN make \\\n  # ${mark()}\n  ${mark()} \\\n\n  && ${mark()}`;
    case 3:
      return `COPY --from=${earlier} /a /${mark()}`;
    case 4:
      return `COPY --chown=1:1 --from=stage0 ["/a b", "/${mark()}"]`;
    case 5:
      return `RUN --mount=type=bind,from=${before === 1 ? "stage0" : "alpine:3"},target=/m ls ${mark()}`;
    case 6:
      return `ARG VERSION\nENV V=\${VERSION}${mark()}`;
    case 7:
      return `ARG VERSION=3 OTHER=${mark()}`;
    case 8:
      return `COPY <<E /${mark()}\n${mark()} FROM science\nE`;
    case 9:
      return `# ${mark()}`;
    case 10:
      return `USER 1000\n\n\tWORKDIR /${mark()}`;
    default:
      return `COPY --link ./${mark()} /data/`;
  }
}
