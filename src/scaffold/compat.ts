import { definitionName, dockerfileName } from "../catalogue/list.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { CompatRequest, Scaffold } from "./model.ts";
import { definitionText } from "./text.ts";

/** A new compat layer, on top of those that it includes. Throws `RefusedError` for an include that is not there. */
export function scaffoldCompat({ compat }: Catalogue, { name, includes, description }: CompatRequest): Scaffold {
  const known = compat.map((each) => each.name);
  const missing = includes.filter((each) => !known.includes(each));
  if (missing.length > 0) throw new RefusedError(missing.map((each) => unknownInclude(each, known)));
  const directory = `compat/${name}`;
  const definition = definitionText({ includes, description });
  return {
    directory,
    files: [
      { path: `${directory}/${definitionName}`, text: definition, is: "created" },
      { path: `${directory}/${dockerfileName}`, text: dockerfile, is: "created" },
    ],
    says: [`science layers get this interface with "compat": "${name}" in their definition`],
    warnings: [],
  };
}

const dockerfile = `# What comes on top of a science image. There is no FROM: it is each science image in turn.
# COPY and ENV need no engine, and reach hundreds of images in seconds; RUN has to run inside each of them.
# COPY start.sh /usr/local/bin/start.sh
# CMD ["/usr/local/bin/start.sh"]
`;

const unknownInclude = (name: string, known: readonly string[]) =>
  error("unknown-include", `there is no compat layer ${JSON.stringify(name)}${didYouMean(name, known)}`, {
    help:
      known.length === 0
        ? "leave --includes out: the catalogue has no compat layer yet"
        : `write one of: ${known.join(", ")}`,
  });
