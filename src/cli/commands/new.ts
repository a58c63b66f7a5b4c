import type { Call, Command } from "../command.ts";
import type { OptionSpec } from "../option.ts";

/** Of the line alone: `IMAGE_BUILDER_VERSION` and its like would reach into other commands. */
const options: readonly OptionSpec[] = [
  {
    name: "from",
    kind: "text",
    value: "TARGET",
    values: "targets",
    description:
      "science layer to build on; the new layer keeps its image, version and interface unless told otherwise",
    lineOnly: true,
  },
  {
    name: "version",
    kind: "text",
    value: "VERSION",
    description: "version that users will see; with --from: start a new one and leave the old one as it is",
    lineOnly: true,
  },
  {
    name: "in-place",
    kind: "flag",
    description: "change the version of the layer NAME where it stands",
    lineOnly: true,
  },
  {
    name: "retire",
    kind: "flag",
    description: "with --in-place: give up the version that was there so far",
    lineOnly: true,
  },
  {
    name: "image",
    kind: "text",
    value: "IMAGE",
    description: "image that users will see (default: that of --from, or else NAME)",
    lineOnly: true,
  },
  { name: "base", kind: "text", value: "REF", description: "image to start from, without --from", lineOnly: true },
  {
    name: "from-directory",
    kind: "text",
    value: "DIR",
    values: "directories",
    description:
      "propose a layer out of a folder with a Dockerfile: its files, a definition, its edges, and what stands in the way",
    lineOnly: true,
  },
  {
    name: "dryrun",
    short: "n",
    aliases: ["dry-run"],
    kind: "flag",
    description: "show what would be written and write nothing (also --dry-run)",
    lineOnly: true,
  },
  {
    name: "compat",
    kind: "text",
    value: "NAME",
    values: "compat",
    description: "interface, a directory of compat/",
    lineOnly: true,
  },
  {
    name: "includes",
    kind: "list",
    value: "NAME",
    values: "compat",
    description: "for a compat layer: those below it, lowest first",
    lineOnly: true,
  },
  {
    name: "description",
    kind: "text",
    value: "TEXT",
    description: "one sentence for people who choose",
    lineOnly: true,
  },
];

export const newLayer: Command = {
  name: "new",
  summary: "Start a science or compat layer, or a new version in place",
  description:
    "Writes a definition and a Dockerfile and checks the catalogue at once. Overwrites nothing. " +
    "What is missing is asked for on a terminal, and is an error elsewhere.",
  arguments: [
    { name: "KIND", description: "science or compat", required: true, choices: ["science", "compat"] },
    {
      name: "NAME",
      description: "the directory to make; with --in-place a layer that is there",
      required: true,
      valuesWith: { option: "in-place", values: ["targets"] },
    },
  ],
  options,
  formats: ["text", "json"],
  examples: [
    { line: "new science nist-tools --from nist-basic", says: "add to nist-basic without changing its version" },
    {
      line: "new science nist-2 --from nist-basic --version 2.0",
      says: "add and change the version; the old one stays",
    },
    { line: "new science nist-basic --in-place --version 2.0", says: "change the version where it stands" },
    { line: "new science r --base r-base:4.4.2 --version 1.0 --compat jupyter", says: "an image of its own" },
    {
      line: "new science notebook --from-directory ../old/notebook -n",
      says: "what becomes of a folder that was built another way",
    },
    { line: "new compat batch --includes sciserver-common", says: "an interface" },
  ],
  run: startLayer,
};

async function startLayer(call: Call): Promise<number> {
  const { makeNew } = await import("../new/make-new.ts");
  return makeNew(call);
}
