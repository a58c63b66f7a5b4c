import type { ArgumentSpec, Call } from "./command.ts";
import type { OptionSpec } from "./option.ts";

/** What every command understands, in the order of the help. */
export const commonOptions = (formats: readonly string[]): readonly OptionSpec[] => [
  {
    name: "root",
    kind: "text",
    value: "DIR",
    values: "folders",
    description: "the catalogue's folder, which holds science/ and compat/ (default: the nearest from here upwards)",
  },
  {
    name: "repo",
    kind: "text",
    value: "PREFIX",
    description: "repository prefix to publish under instead of the catalogue's own",
  },
  {
    name: "since",
    aliases: ["ref"],
    kind: "text",
    value: "REF",
    values: "revisions",
    description:
      "what counts as changed: REF (up to HEAD), A..B, published, or all (default: HEAD^..HEAD; old name: --ref)",
  },
  {
    name: "include",
    kind: "list",
    value: "DIR",
    values: "directories",
    description: "plan exactly these directories and what depends on them",
  },
  {
    name: "ignore",
    kind: "list",
    value: "DIR",
    values: "directories",
    description: "drop these directories, also as dependents",
  },
  { name: "untracked", kind: "flag", description: "count files that git does not track" },
  {
    name: "meaningful",
    kind: "flag",
    negatable: true,
    description: "keep a published science image where a change provably cannot reach it",
  },
  { name: "format", kind: "text", value: "FORM", choices: formats, description: "form of the answer on stdout" },
  {
    name: "color",
    kind: "text",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    description: "colours on the terminal",
  },
  {
    name: "verbose",
    short: "v",
    kind: "count",
    description: "say more; twice: every build with its reasons; three times: all that builds say",
  },
  { name: "quiet", short: "q", kind: "flag", description: "say nothing on stderr but problems" },
];

/** For the commands that may talk to a registry. */
export const insecureOption: OptionSpec = {
  name: "insecure",
  kind: "list",
  value: "HOST",
  description: "registry (host:port) to speak plain http to; loopback needs no such leave",
};

/** For the commands that plan. */
export const refreshOption: OptionSpec = {
  name: "refresh",
  kind: "list",
  lineOnly: true,
  value: "DIR|IMAGE",
  values: ["directories", "images", "versions"],
  description:
    "build these anew although nothing changed, and what stands on them: a layer whose base moved, or the interface of an image",
};

/** For the commands that publish. */
export const publishOptions: readonly OptionSpec[] = [
  {
    name: "keep-going",
    kind: "flag",
    description: "publish the image-versions whose whole chain succeeded, though others failed",
  },
  {
    name: "allow-orphans",
    kind: "flag",
    description: "publish although a published image-version loses its definition",
  },
  {
    name: "no-verdict",
    kind: "flag",
    description: "do not attach to published images whether their science part is untouched",
  },
  {
    name: "key",
    kind: "text",
    value: "FILE",
    values: "files",
    description: "sign the verdicts of published images with this key (PEM)",
  },
  {
    name: "allow-older",
    kind: "list",
    lineOnly: true,
    value: "IMAGE:VERSION",
    values: "versions",
    description: "let the stable tags of these go to a build that is older than theirs, or not known to be newer",
  },
];

/** For the commands that move tags. */
export const lockOption: OptionSpec = {
  name: "lock",
  kind: "text",
  value: "WHERE",
  choices: ["git"],
  description: "let only one run of all clones move tags at a time, by a lock in the clone's remote",
};

export const lockOf = ({ values }: Pick<Call, "values">): "git" | undefined =>
  values.text("lock") === "git" ? "git" : undefined;

/** For the commands that judge images that users pull. */
export const usersImages: ArgumentSpec = {
  name: "IMAGE",
  description: "an image (nist-basic), an image-version (nist-basic:1.0), or a whole reference below rel/",
  required: false,
  many: true,
  values: ["images", "versions"],
};
