import fc from "fast-check";
import { type Files } from "../support/repository.ts";

/** A catalogue as its author means it, and the files that say so in one of the many ways a Dockerfile allows. */
export interface Meant {
  readonly layers: readonly MeantLayer[];
  readonly compat: readonly {
    readonly name: string;
    readonly includes: readonly string[];
    readonly folders: readonly string[];
  }[];
  readonly files: Files;
}

export interface MeantLayer {
  readonly name: string;
  readonly target: string;
  readonly image: string;
  readonly version: string;
  /** Undefined for one that users do not get. */
  readonly compat: string | undefined;
  readonly tags: readonly string[];
  /** It is one of several of its directory. */
  readonly isVariant: boolean;
  /** Names, as `nameOf` has them, of those that it is built on. */
  readonly parents: readonly string[];
  /** Folders that it reads beside its own. */
  readonly folders: readonly string[];
}

/** What layers share: one is a layer's own directory. */
export const sharedFolders = ["shared/one", "shared/two/deep", "compat/compat-0"] as const;

/** What an id has behind `science/`. */
export const nameOf = ({ target, version, isVariant }: MeantLayer): string =>
  isVariant ? `${target}:${version}` : target;

export const home = "registry.example.org/home";
export const repo = "localhost:5000/mine";

interface Choice {
  readonly parents: readonly { readonly of: number; readonly form: number; readonly prefix: number }[];
  readonly decoy: number;
  readonly own: boolean;
  readonly renamed: boolean;
  readonly compat: number;
  /** Image-versions of the directory beside the first. */
  readonly variants: number;
  readonly bare: boolean;
  readonly tags: boolean;
  readonly folders: readonly string[];
}

const choice = (at: number): fc.Arbitrary<Choice> =>
  fc.record({
    parents: fc.array(fc.record({ of: fc.nat(), form: fc.nat(9), prefix: fc.nat(2) }), { maxLength: at === 0 ? 0 : 3 }),
    decoy: fc.nat(6),
    own: fc.boolean(),
    renamed: fc.boolean(),
    compat: fc.nat(),
    variants: fc.nat(2),
    bare: fc.boolean(),
    tags: fc.boolean(),
    folders: fc.subarray([...sharedFolders]),
  });

/** Up to nine science layers in any acyclic shape, and up to five compat layers that include each other without a circle. */
export const randomCatalogue: fc.Arbitrary<Meant> = fc
  .record({
    layers: fc
      .integer({ min: 1, max: 9 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => choice(at)))),
    includes: fc.array(
      fc.record({ wanted: fc.array(fc.nat(), { maxLength: 3 }), folders: fc.subarray([...sharedFolders]) }),
      { minLength: 1, maxLength: 5 },
    ),
    /** Directories are named so that their order is not the order of building. */
    names: fc.shuffledSubarray(["ash", "beech", "cedar", "elm", "fir", "gum", "hazel", "ivy", "juniper"], {
      minLength: 9,
    }),
  })
  .map(({ layers, includes, names }) => build(layers, includes, names));

interface Included {
  readonly wanted: readonly number[];
  readonly folders: readonly string[];
}

function build(choices: readonly Choice[], includes: readonly Included[], names: readonly string[]): Meant {
  const compat = includes.map(({ wanted, folders }, at) => ({
    folders,
    name: `compat-${at}`,
    includes: at === 0 ? [] : [...new Set(wanted.map((each) => `compat-${each % at}`))],
  }));
  const layers: MeantLayer[] = [];
  const files: Record<string, string> = {};
  for (const [at, chosen] of choices.entries()) {
    const before = layers.length;
    const uses =
      at === 0 ? [] : chosen.parents.map((each) => ({ ...each, layer: layers[each.of % before] as MeantLayer }));
    const layer = meantLayer(
      at,
      chosen,
      names[at] as string,
      uses.map((each) => each.layer),
      layers,
      compat,
    );
    const own = withVariants(layer, at, chosen);
    layers.push(...own);
    files[`science/${layer.name}/sciserver-image.json`] = definition(own);
    files[`science/${layer.name}/Dockerfile`] = dockerfile(uses, chosen, layers);
  }
  for (const { name, includes: included, folders } of compat) {
    files[`compat/${name}/sciserver-image.json`] = JSON.stringify({
      includes: included,
      contexts: contextsOf(folders),
    });
    files[`compat/${name}/Dockerfile`] = `ENV ${name.replace("-", "_").toUpperCase()}=1\n${copies(folders)}`;
  }
  for (const folder of sharedFolders) files[`${folder}/data`] = "1";
  return { layers, compat, files };
}

/** A layer that does not start an image of its own goes on with the image-version of a parent that nothing else goes on with. */
function meantLayer(
  at: number,
  chosen: Choice,
  name: string,
  parents: readonly MeantLayer[],
  before: readonly MeantLayer[],
  compat: Meant["compat"],
): MeantLayer {
  const tip = parents.find(
    (parent) =>
      before.filter((each) => each.image === parent.image && each.version === parent.version).at(-1) === parent,
  );
  const identity =
    tip === undefined || chosen.own
      ? { image: `image-${at}`, version: `1.${at}` }
      : { image: tip.image, version: tip.version };
  const target = chosen.renamed ? `target-${at}` : name;
  return {
    name,
    target,
    ...identity,
    compat: chosen.bare ? undefined : compat[chosen.compat % compat.length]?.name,
    tags: chosen.tags ? [`t${at}`] : [],
    isVariant: false,
    parents: [...new Set(parents.map(nameOf))],
    folders: chosen.folders,
  };
}

/** Only a layer that starts an image of its own: the versions of others are theirs. */
function withVariants(layer: MeantLayer, at: number, { variants }: Choice): MeantLayer[] {
  if (variants === 0 || layer.image !== `image-${at}`) return [layer];
  return Array.from({ length: variants + 1 }, (_, index) => ({
    ...layer,
    version: index === 0 ? layer.version : `${layer.version}-v${index}`,
    tags: layer.tags.map((tag) => `${tag}-${index}`),
    isVariant: true,
  }));
}

/** The name says nothing of the folder; what is not read is named as well. */
const contextsOf = (folders: readonly string[]): Record<string, string> =>
  Object.fromEntries([...folders.map((each, at) => [`share${at}`, `./${each}/`]), ["unread", "shared/one"]]);

const copies = (folders: readonly string[]): string =>
  folders.map((_, at) => `${at === 0 ? "copy" : "COPY --link"} --from=share${at} data /s${at}/\n`).join("");

/** `old`: versions of which the entry says something else. */
export function definition(layers: readonly MeantLayer[], old: readonly string[] = []): string {
  const [{ name, target, image, version, compat, tags, isVariant, folders }] = layers as [MeantLayer];
  const entry = (each: MeantLayer) =>
    `    ${JSON.stringify({ version: each.version, tags: each.tags, ...(old.includes(each.version) && { args: { OLD: "1" } }) })}, # one\n`;
  const own = isVariant
    ? `"variants": [\n${layers.map(entry).join("")}  ], // of users`
    : `"version": "${version}", // of users\n  "tags": ${JSON.stringify(tags)},`;
  return `{ # ${name}\n  "image": "${image}", ${own}\n  "compat": ${JSON.stringify(compat ?? false)}, "contexts": ${JSON.stringify(contextsOf(folders))},${target === name ? "" : ` "target": "${target}",`}\n}\n`;
}

type Use = Choice["parents"][number] & { readonly layer: MeantLayer };

function dockerfile(
  uses: readonly Use[],
  { decoy, folders }: Pick<Choice, "decoy" | "folders">,
  layers: readonly MeantLayer[],
): string {
  const known = layers.map((each) => each.target);
  const args: string[] = [];
  const stages = uses.map((use, at) => stage(use, at, args));
  return [...args, ...stages, lastStage(decoy, known), copies(folders)].join("\n");
}

/** Every form in which a Dockerfile can name a parent (B8). */
function stage({ layer, form, prefix }: Use, at: number, args: string[]): string {
  const reference = `${["", `${home}/`, `${repo}/`][prefix]}sci/${layer.target}:${layer.version}`;
  switch (form) {
    case 0:
      return `FROM ${reference}\n`;
    case 1:
      return `from ${reference} as stage${at}\nRUN true\n`;
    case 2:
      return `  FROM --platform=linux/amd64 ${reference} AS Stage${at}\n`;
    case 3:
      return `FROM \\\n  # the base\n\n  ${reference} \\\n  AS s${at}\n`;
    case 4:
      args.push(`ARG VERSION_${at}=${layer.version}`);
      return `FROM ${reference.slice(0, reference.lastIndexOf(":"))}:\${VERSION_${at}}\n`;
    case 5:
      args.push(`ARG BASE_${at}="${reference}"`);
      return `FROM \${BASE_${at}:-debian} AS x${at}\n`;
    case 6:
      return `FROM debian AS c${at}\nCOPY --from=${reference} /a /b\n`;
    case 7:
      return `FROM debian AS m${at}\nRUN --mount=type=bind,from=${reference},target=/m \\\n  ls /m\n`;
    case 8:
      return `FROM scratch\ncopy --chown=1:1 --from=${reference} ["/a b", "/c"]\n`;
    default:
      return `\tFroM\t${reference}\t\n`;
  }
}

/** What looks like an edge and is none (B9, B10). */
function lastStage(decoy: number, targets: readonly string[]): string {
  const [first = "none"] = targets;
  const decoys = [
    "FROM debian:bookworm-slim",
    `FROM docker.io/library/${first}:1.0`,
    `FROM ${first}:1.0`,
    `FROM sci/${first}:1.0-42-f90dbd6`,
    `FROM ${home}/sci/${first}@sha256:${"a".repeat(64)}`,
    `FROM debian AS ${first}\nFROM ${first}\nCOPY --from=${first} /a /b\n`,
    `FROM example.org/${first}:1.0\n# FROM sci/${first}:1.0\nRUN echo \\\n  FROM sci/${first}:1.0`,
  ];
  return `${decoys[decoy]}\nRUN echo done\n`;
}
