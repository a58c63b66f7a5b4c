import { splitFragment, trailingBackslash } from "../catalogue/compat-fragments.ts";
import { readJson } from "../catalogue/json.ts";
import type { CompatLayer, DeclaredUser } from "../catalogue/model.ts";
import { printablePath } from "../oci/path-bytes.ts";
import type { Plan } from "../plan/model.ts";
import { predefinedLines } from "./arguments.ts";
import { baseEdits } from "./bases.ts";
import { fragmentEdits } from "./fragment-edits.ts";
import type { CataloguePart, DockerfileTemplate, TemplateBase } from "./model.ts";
import { nameStages, type StackPart } from "./stage-names.ts";
import { cutPiece, type Edit, joinPieces, sourcePiece, textPiece } from "./text-pieces.ts";

/** A compat layer with its Dockerfile read, which serves every stack it is in. */
export const stackPart = (layer: CompatLayer): StackPart => ({
  layer,
  fragment: splitFragment(layer.dockerfile),
  whole: sourcePiece(layer.dockerfile),
  ...(layer.user || layer.directories.length > 0 ? { declaredAt: declaration(layer) } : {}),
});

function declaration({ definition, user }: CompatLayer): CataloguePart {
  const { start, end } = readJson(definition).keys[user ? "user" : "directories"] ?? { start: 0, end: 1 };
  return { source: definition, offset: start, length: end - start };
}

/** The Dockerfile of a compat build (B24, B25). `parts`: lowest first, each once. `stamp`: `nist-basic:2.0-42-f90dbd6`. `sharedEdits`: what a layer has in place of its names of shared folders. */
export function composeStack(
  parts: readonly StackPart[],
  science: TemplateBase,
  stamp: string,
  plan: Plan,
  sharedEdits: (name: string) => readonly Edit[],
): DockerfileTemplate {
  const names = nameStages(parts);
  const edited = parts.map((part) => ({
    part,
    edits: [...allEdits(part, names.get(part.layer.name) ?? [], plan), ...sharedEdits(part.layer.name)],
  }));
  return joinPieces([
    // A comment at the very top keeps a directive of the first fragment from taking effect on all of them.
    textPiece(`# ${stamp}: ${parts.map(({ layer }) => printablePath(layer.name)).join(", ")}\n`),
    ...edited.flatMap(({ part, edits }) => stagesPiece(part, edits)),
    fromScience(science),
    ...properPieces(edited),
    textPiece(`ENV SCISERVER_IMAGE=${stamp}\n`),
  ]);
}

const allEdits = (part: StackPart, names: readonly string[], plan: Plan): Edit[] => [
  ...fragmentEdits(part.layer, part.fragment, names),
  ...baseEdits(part.layer.bases, plan),
  ...predefinedEdits(part),
  ...backslashEdits(part.layer),
];

const stagesPiece = ({ layer, fragment, whole }: StackPart, edits: readonly Edit[]): DockerfileTemplate[] =>
  fragment.stages.length === 0 ? [] : [heading(layer), cutPiece(whole, fragment.head, edits)];

const fromScience = (base: TemplateBase): DockerfileTemplate => ({
  ...textPiece("FROM science\n"),
  references: [{ start: 5, end: 12, base, final: true }],
});

function properPieces(edited: readonly { part: StackPart; edits: readonly Edit[] }[]): DockerfileTemplate[] {
  let owner: DeclaredUser | undefined;
  let runsAs: string | undefined;
  return edited.flatMap(({ part, edits }) => {
    const { layer, fragment, whole } = part;
    owner = layer.user ?? owner;
    const declared = declaredPiece(part, owner, runsAs);
    runsAs = fragment.proper.instructions.findLast(({ keyword }) => keyword === "USER")?.args ?? runsAs;
    const proper = cutPiece(whole, fragment.proper.range, edits);
    return [heading(layer), declared, textPiece(predefinedLines(layer)), proper];
  });
}

function declaredPiece(
  { layer: { name, user, directories }, declaredAt }: StackPart,
  owner: DeclaredUser | undefined,
  runsAs: string | undefined,
): DockerfileTemplate {
  if (declaredAt === undefined) return textPiece("");
  const section = {
    layer: name,
    at: 0,
    origin: declaredAt,
    ...(user ? { user } : {}),
    ...(owner ? { owner } : {}),
    directories,
    ...(runsAs === undefined ? {} : { runsAs }),
  };
  return { ...textPiece(""), declared: [section] };
}

const heading = ({ directory }: CompatLayer): DockerfileTemplate => textPiece(`# ${printablePath(directory)}\n`);

function predefinedEdits({ layer, fragment }: StackPart): Edit[] {
  const lines = predefinedLines(layer);
  return lines === ""
    ? []
    : fragment.stages.map(({ from }) => ({
        range: { start: from.range.end, end: from.range.end },
        put: `\n${lines.trimEnd()}`,
      }));
}

/** At the end of a file the backslash joins nothing; before another fragment it would. */
function backslashEdits({ dockerfile }: CompatLayer): Edit[] {
  const at = trailingBackslash(dockerfile.text);
  return at === undefined ? [] : [{ range: { start: at, end: at + 1 }, put: "" }];
}
