import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { DoorContents } from "../../resolve/list-doors.ts";
import type { AttachedContents } from "../../run/attach-contents.ts";
import type { ContentsAnswer } from "../../run/contents.ts";
import { bytes, table } from "./table.ts";

/** Layers, then packages by ecosystem, then what each Python has. More words: origin, licence and path of each package. */
export function contentsText(answer: ContentsAnswer, style: Style, verbosity: number): string {
  const { reference, digest, layers, states, pythons, doors = [] } = answer;
  return [
    `${style.bold(printableLine(reference))}\n  ${digest}, ${layers.length} layers, ${bytes(layers.reduce((sum, { size }) => sum + size, 0))}\n`,
    ...states.map((state) => ecosystemText(state, answer, style, verbosity)),
    ...pythons.map((each) => pythonText(each, style)),
    ...doors.map((each) => doorText(each, style, verbosity)),
  ].join("");
}

function ecosystemText(
  { ecosystem, state, deleted, problems }: ContentsAnswer["states"][number],
  { packages }: ContentsAnswer,
  style: Style,
  verbosity: number,
): string {
  const own = packages.filter((each) => each.ecosystem === ecosystem);
  const broken = problems.length === 0 ? "" : style.red(", and some that cannot be read");
  const said = {
    read: `${own.length} ${own.length === 1 ? "package" : "packages"}${broken}`,
    none: style.dim("none"),
    deleted: style.yellow(
      `not known: layer ${deleted?.layer} deletes the database /${printableLine(deleted?.path ?? "")}`,
    ),
    unreadable: style.red("not known: its records cannot be read"),
    unsupported: style.red("not known: its database is of a kind that is not read"),
  }[state];
  const head = `${style.bold(ecosystem)}  ${said}\n`;
  return own.length === 0 ? head : head + indented(packageTable(own, style, verbosity));
}

function packageTable(packages: ContentsAnswer["packages"], style: Style, verbosity: number): string {
  const more = verbosity > 0;
  return table(
    ["PACKAGE", "VERSION", "LAYER", ...(more ? ["ARCHITECTURE", "SIZE", "ORIGIN", "LICENCE"] : []), "PATH"],
    packages.map((each) => [
      each.state === undefined ? each.name : `${each.name} (${each.state})`,
      each.version,
      String(each.layer),
      ...(more
        ? [
            each.architecture ?? "-",
            each.size === undefined ? "-" : bytes(each.size),
            each.origin ?? each.source ?? "-",
            each.licence ?? "-",
          ]
        : []),
      `/${each.path}${each.partOf === undefined ? "" : `, part of ${each.partOf}`}`,
    ]),
    style,
  );
}

const pythonText = (
  { interpreter, version, packages, code }: ContentsAnswer["pythons"][number],
  style: Style,
): string =>
  [
    `${style.bold(printableLine(interpreter))}  Python ${version}, pip lists ${packages.length}: ` +
      `${packages.map((each) => printableLine(`${each.name} ${each.version}`)).join(", ")}\n`,
    ...(code.length === 0 ? [] : [style.dim(`  runs code when it starts: ${printableLine(code.join(", "))}\n`)]),
  ].join("");

/** How many names of each kind; more words: where each of them leads. */
function doorText({ door, names, code }: DoorContents, style: Style, verbosity: number): string {
  const counts = new Map<string, number>();
  for (const { kind } of names) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const counted = [...counts].map(([kind, count]) => `${count} ${count === 1 ? kind : (plurals[kind] ?? `${kind}s`)}`);
  const rows = names.map(({ kind, name, version, path, file }) => [kind, name, version ?? "-", path, file ?? ""]);
  return [
    `${style.bold(printableLine(door))}  ${counted.join(", ") || "nothing"}\n`,
    ...(code.length === 0 ? [] : [style.dim(`  runs code at start: ${printableLine(code.join(", "))}\n`)]),
    ...(verbosity > 0 && rows.length > 0
      ? [indented(table(["KIND", "NAME", "VERSION", "PATH", "FILE"], rows, style))]
      : []),
  ].join("");
}

const plurals: Readonly<Record<string, string>> = { library: "libraries", "r package": "R packages" };

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

export const contentsDocument = ({ problems, packages, states, pythons, ...rest }: ContentsAnswer): object => ({
  formatVersion: 1,
  ...rest,
  ecosystems: states,
  packages: packages.map(({ path, ...each }) => ({ ...each, path: `/${path}` })),
  pythons: pythons.map(({ packages: list, ...python }) => ({
    ...python,
    packages: list.map(({ path, ...each }) => ({ ...each, path: `/${path}` })),
  })),
  problems: problems.map(diagnosticDocument),
});

/** One line for each image. */
export function attachedText(images: readonly AttachedContents[], style: Style): string {
  if (images.length === 0) return "nothing is published\n";
  const said = { attached: style.green("attached"), there: style.dim("there   "), failed: style.red("failed  ") };
  return images.map(({ reference, state }) => `${said[state]}  ${printableLine(reference)}\n`).join("");
}

export const attachedDocument = (images: readonly AttachedContents[]): object => ({
  formatVersion: 1,
  images: images.map(({ problems, ...rest }) => ({ ...rest, problems: problems.map(diagnosticDocument) })),
});
