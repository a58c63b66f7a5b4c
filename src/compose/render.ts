import { declaredInstructions } from "./declared-script.ts";
import type { DeclaredSection, DockerfileTemplate, Pin } from "./model.ts";

interface RenderedDockerfile {
  readonly text: string;
  /** With offsets in `text`; empty where they were written as instructions. */
  readonly declared: readonly DeclaredSection[];
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
  const inserts = [
    ...template.references.map(({ start, end }, index) => ({
      start,
      end,
      put: pins[index]?.reference,
      section: undefined,
    })),
    ...template.declared.map((section) => ({ start: section.at, end: section.at, put: "", section })),
  ].sort((a, b) => a.start - b.start);
  let text = "";
  let at = 0;
  const kept: DeclaredSection[] = [];
  for (const { start, end, put, section } of inserts) {
    text += template.text.slice(at, start);
    if (section && declared === "keep") kept.push({ ...section, at: text.length });
    text +=
      section && declared === "run"
        ? declaredInstructions(section, baseUser)
        : (put ?? template.text.slice(start, end));
    at = end;
  }
  return { text: text + template.text.slice(at), declared: kept };
}

/** The pin of the base of the final stage; undefined when that is `scratch`. */
export function finalPin(template: DockerfileTemplate, pins: readonly Pin[]): Pin | undefined {
  const index = template.references.findIndex(({ final }) => final);
  return index === -1 ? undefined : pins[index];
}
