import { execFileSync } from "node:child_process";
import { z } from "zod";
import { testWorld } from "./world.ts";

const Manifest = z.object({
  mediaType: z.string(),
  config: z.object({ mediaType: z.string(), digest: z.string() }),
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string(), size: z.number() })),
});

const Config = z.object({
  created: z.string(),
  config: z.object({
    User: z.string().optional(),
    Env: z.array(z.string()),
    WorkingDir: z.string().optional(),
    Entrypoint: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
    ExposedPorts: z.record(z.string(), z.unknown()).optional(),
    Labels: z.record(z.string(), z.string()),
  }),
});

export type PublishedConfig = z.infer<typeof Config>["config"];

/** What a registry holds under a reference, as crane, a reader that shares no code with us, tells it. */
export const published = {
  digest: (reference: string): string => crane("digest", reference).trim(),
  layers: (reference: string): string[] =>
    Manifest.parse(JSON.parse(crane("manifest", reference))).layers.map(({ digest }) => digest),
  /** Of the manifest, its config and its layers. */
  mediaTypes(reference: string): string[] {
    const { mediaType, config, layers } = Manifest.parse(JSON.parse(crane("manifest", reference)));
    return [mediaType, config.mediaType, ...layers.map((layer) => layer.mediaType)];
  },
  config: (reference: string): PublishedConfig => Config.parse(JSON.parse(crane("config", reference))).config,
  /** Without those that stand in for the list of referrers, which this registry does not keep. */
  tags: (repository: string): string[] =>
    crane("ls", repository)
      .trim()
      .split("\n")
      .filter((tag) => !/^sha256-[0-9a-f]{64}$/.test(tag))
      .sort(),
  /** Throws unless every digest and size of the image is right; downloads it. */
  validate: (reference: string): string => crane("validate", "--remote", reference),
};

function crane(...args: string[]): string {
  return execFileSync(testWorld().tools.crane, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
