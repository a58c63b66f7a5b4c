import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { layerKey } from "../naming/build-id.ts";
import type { Catalogue, ScienceLayer } from "./model.ts";

/** Instructions behind ONBUILD that nothing of the catalogue carries out: interfaces never do, and no layer starts from theirs. */
export function idleTriggers({ science }: Pick<Catalogue, "science">): Diagnostic[] {
  const started = new Set(
    science.flatMap(({ bases }) =>
      bases.flatMap(({ via, source }) => (via === "from" && source.kind === "parent" ? [layerKey(source)] : [])),
    ),
  );
  return science
    .filter((each) => each.compat !== undefined && !started.has(layerKey(each)))
    .filter(({ dockerfile }) => /^\s*onbuild\s/im.test(dockerfile.text))
    .flatMap(idleIn);
}

function idleIn({ directory, dockerfile: { path, text } }: ScienceLayer): Diagnostic[] {
  const instructions = parseDockerfile(text).stages.at(-1)?.instructions ?? [];
  const message = `no layer starts from ${directory}, and its interface does not carry out what stands behind ONBUILD`;
  const help = "leave ONBUILD out where it is meant for the interface, or for who starts from the image with it";
  return instructions
    .filter(({ keyword }) => keyword === "ONBUILD")
    .map(({ range }) => warning("idle-trigger", message, { ...locate(path, text, range), help }));
}
