import { z } from "zod";
import { digestSchema } from "./descriptor.ts";
import { type Digest } from "./digest.ts";
import { parseDocument } from "./untrusted.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md with Docker's additions. Unknown fields are kept. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string | undefined;
  readonly "os.version"?: string | undefined;
  readonly "os.features"?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  readonly config?: ContainerConfig | undefined;
  readonly rootfs: RootFs;
  readonly history?: readonly HistoryEntry[] | undefined;
}

/** Digests of the uncompressed layers, lowest first. */
interface RootFs {
  readonly type: "layers";
  readonly diff_ids: readonly Digest[];
}

export interface HistoryEntry {
  readonly created?: string | undefined;
  readonly created_by?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  /** True for an instruction that made no layer. */
  readonly empty_layer?: boolean | undefined;
}

export interface ContainerConfig {
  readonly User?: string | undefined;
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
  /** `NAME=value` in the order of their setting. */
  readonly Env?: readonly string[] | undefined;
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly Volumes?: Readonly<Record<string, object>> | undefined;
  readonly WorkingDir?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly StopSignal?: string | undefined;
  readonly Healthcheck?: Healthcheck | undefined;
  readonly Shell?: readonly string[] | undefined;
  readonly OnBuild?: readonly string[] | undefined;
  readonly ArgsEscaped?: boolean | undefined;
}

/** Durations in nanoseconds. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly Test?: readonly string[] | undefined;
  readonly Interval?: number | undefined;
  readonly Timeout?: number | undefined;
  readonly StartPeriod?: number | undefined;
  readonly StartInterval?: number | undefined;
  readonly Retries?: number | undefined;
}

/** Without what old engines wrote of the container that an image was made in. */
export const withoutUnknown = (config: ContainerConfig): ContainerConfig =>
  Object.fromEntries(Object.entries(config).filter(([key]) => Object.hasOwn(containerSchema.shape, key)));

/** Reads an image's config that came from outside. Throws `FailedError`. */
export const parseConfig = (bytes: Uint8Array): ImageConfig => parseDocument(configSchema, bytes, "the image's config");

/** Go writes an absent list or map as null; here it is absent. */
const absentWhenNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const text = absentWhenNull(z.string());
const texts = absentWhenNull(z.array(z.string()));
const names = absentWhenNull(z.record(z.string(), z.object({})));
const integer = absentWhenNull(z.number().int());

const healthcheckSchema = z.looseObject({
  Test: texts,
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

const containerSchema = z.looseObject({
  User: text,
  ExposedPorts: names,
  Env: texts,
  Entrypoint: texts,
  Cmd: texts,
  Volumes: names,
  WorkingDir: text,
  Labels: absentWhenNull(z.record(z.string(), z.string())),
  StopSignal: text,
  Healthcheck: absentWhenNull(healthcheckSchema),
  Shell: texts,
  OnBuild: texts,
  ArgsEscaped: absentWhenNull(z.boolean()),
});

const historySchema = z.looseObject({
  created: text,
  created_by: text,
  author: text,
  comment: text,
  empty_layer: absentWhenNull(z.boolean()),
});

const configSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  variant: text,
  "os.version": text,
  "os.features": texts,
  created: text,
  author: text,
  config: absentWhenNull(containerSchema),
  rootfs: z.object({
    type: z.literal("layers"),
    diff_ids: absentWhenNull(z.array(digestSchema).max(10_000)).transform((value) => value ?? []),
  }),
  history: absentWhenNull(z.array(historySchema)),
});
