import type { Catalogue } from "../../src/catalogue/model.ts";
import { definitionsOf } from "../../src/judge/definitions.ts";
import type { GitFacts, Published } from "../../src/judge/model.ts";
import type { StatusEvidence } from "../../src/judge/status.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { type PublishedImage, publishedImage } from "../../src/published/image.ts";
import type { ImageReading, TagReading } from "../../src/published/reader.ts";

export const repo = "registry.example.org/images";

export type Labels = Readonly<Record<string, string>>;

/** The definition that a layer has today, where a test says nothing else. */
export const inputsOf = (name: string): Digest => sha256Digest(`today's ${name}`);

export const scienceLabels = (target: string, rest: { tag?: string; inputs?: string; base?: string } = {}): Labels =>
  labelsBelow(`org.sciserver.science.${target}`, { version: rest.tag ?? "1.0-42-f90dbd6", target, ...rest });

/** Of an interface "jupyter" on `sci/{target}` of the image behind `digest`. */
export const compatLabels = (
  image: string,
  target: string,
  rest: { tag?: string; inputs?: string; digest?: Digest; layers?: string } = {},
): Labels => ({
  ...labelsBelow("org.sciserver.compat", {
    version: `${image}:${rest.tag ?? "1.0-42-f90dbd6"}`,
    target: "jupyter",
    inputs: rest.inputs,
    base: `${repo}/sci/${target}:1.0-42-f90dbd6@${rest.digest ?? digestOf(target)}`,
  }),
  ...(rest.layers !== undefined && { "org.sciserver.compat.layers": rest.layers }),
});

function labelsBelow(
  prefix: string,
  each: { version: string; target: string; inputs?: string | undefined; base?: string | undefined },
): Labels {
  const inputs = each.inputs ?? inputsOf(each.target);
  return {
    [`${prefix}.version`]: each.version,
    ...(inputs !== "none" && { [`${prefix}.inputs`]: inputs }),
    ...(each.base !== undefined && { [`${prefix}.base`]: each.base }),
  };
}

/** Digest of the image behind `sci/{name}` or `rel/{name}`, where a test says nothing else. */
export const digestOf = (name: string): Digest => sha256Digest(`image ${name}`);

export function image(reference: string, digest: Digest, labels: Labels): PublishedImage {
  const descriptor = { mediaType: oci.manifest, digest, size: 1 };
  const blob = { mediaType: oci.config, digest: sha256Digest("config"), size: 1 };
  return publishedImage(reference, {
    descriptor,
    named: descriptor,
    manifest: { schemaVersion: 2, mediaType: oci.manifest, config: blob, layers: [] },
    config: {
      architecture: "amd64",
      os: "linux",
      config: { Labels: labels },
      rootfs: { type: "layers", diff_ids: [] },
    },
  });
}

export const rel = (name: string, ...labels: readonly Labels[]): ImageReading<PublishedImage> => ({
  kind: "image",
  image: image(`${repo}/rel/${name}`, digestOf(name), Object.assign({}, ...labels) as Labels),
});

export const sci = (target: string, ...labels: readonly Labels[]): ImageReading<PublishedImage> => ({
  kind: "image",
  image: image(`${repo}/sci/${target}:1.0`, digestOf(target), Object.assign({}, ...labels) as Labels),
});

export const absent = (path: string): TagReading<PublishedImage> => ({ kind: "absent", reference: `${repo}/${path}` });

interface Found {
  readonly rel?: Readonly<Record<string, TagReading<PublishedImage>>>;
  readonly sci?: Readonly<Record<string, TagReading>>;
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly git?: Partial<GitFacts>;
  readonly orphans?: StatusEvidence["orphans"];
}

/** Everything that is judged from; git knows the commit of the labels, and no directory differs from it. */
export function evidence(catalogue: Catalogue, found: Found): StatusEvidence {
  const published: Published = {
    rel: new Map(Object.entries(found.rel ?? {})),
    sci: new Map(Object.entries(found.sci ?? {})),
    tags: new Map(Object.entries(found.tags ?? {})),
    problems: [],
  };
  return {
    definitions: definitionsOf(catalogue),
    published,
    today: {
      science: new Map(catalogue.science.map(({ target }) => [target, inputsOf(target)])),
      compat: new Map(catalogue.compat.map(({ name }) => [name, inputsOf(name)])),
    },
    git: { commits: new Map([["f90dbd6", "f".repeat(40)]]), objects: new Map(), dirty: new Set(), ...found.git },
    orphans: found.orphans ?? new Map(),
    holds: new Map(),
  };
}
