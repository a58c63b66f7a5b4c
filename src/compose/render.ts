import { declaredInstructions } from "./declared-script.ts";
import type { DeclaredSection, DockerfileTemplate, Origin, Pin } from "./model.ts";
import { cutPiece } from "./text-pieces.ts";

interface RenderedDockerfile {
  readonly text: string;
  /** With offsets in `text`; empty where they were written as instructions. */
  readonly declared: readonly DeclaredSection[];
  /** With offsets in `text`. */
  readonly origins: readonly Origin[];
}

/**
 * Fills in a template: `pins` in the order of its references. `declared: "run"` writes what compat layers declare as RUN
 * instructions, for engines that know nothing of it; `"keep"` hands it on by its place.
 */
export function renderDockerfile(
  template: DockerfileTemplate,
  pins: readonly Pin[],
  declared: "run" | "keep",
): RenderedDockerfile {
  const baseUser = finalPin(template, pins)?.user;
  const pinned = template.references.flatMap((range, index) => {
    const pin = pins[index];
    return pin === undefined ? [] : [{ range, put: pin.reference }];
  });
  const instructions = template.declared.map((section) => ({
    range: { start: section.at, end: section.at },
    put: declaredInstructions(section, baseUser),
    origin: section.origin,
  }));
  const keeps = declared === "keep";
  const edits = keeps ? pinned : [...pinned, ...instructions];
  const { text, declared: kept, origins } = cutPiece(template, { start: 0, end: template.text.length }, edits);
  return { text, declared: keeps ? kept : [], origins };
}

/** The pin of the base of the final stage; undefined when that is `scratch`. */
export function finalPin(template: DockerfileTemplate, pins: readonly Pin[]): Pin | undefined {
  const index = template.references.findIndex(({ final }) => final);
  return index === -1 ? undefined : pins[index];
}
