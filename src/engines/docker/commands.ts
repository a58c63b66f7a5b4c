import type { ContainerRun, ReadyBuild, SecretSource } from "../model.ts";
import type { DockerFeatures } from "./features.ts";

/** Where a build lies on disk, and where the image's id is to be written to. */
interface BuildPaths {
  readonly dockerfile: string;
  readonly context: string;
  readonly idFile: string;
}

/** The command that builds an image and gives it both of its tags. */
export function buildCommand(
  ready: ReadyBuild,
  paths: BuildPaths,
  { builder, attestationFlags, context }: DockerFeatures,
): string[] {
  const { build, labels, network, noCache, created } = ready;
  const isBuildx = builder === "buildx";
  return [
    ...(isBuildx ? ["docker", "buildx", "build", "--builder", context] : ["docker", "build"]),
    ...(isBuildx && attestationFlags ? ["--provenance=false", "--sbom=false"] : []),
    ...(builder === "classic" ? ["--force-rm"] : ["--progress", "plain"]),
    ...flags("--file", [paths.dockerfile]),
    ...flags("--iidfile", [paths.idFile]),
    ...flags("--tag", new Set(build.tags)),
    ...flags(
      "--build-arg",
      Object.entries(build.args).map(([name, value]) => `${name}=${value}`),
    ),
    ...(isBuildx ? flags("--build-arg", [`SOURCE_DATE_EPOCH=${Math.floor(created)}`]) : []),
    ...flags(
      "--label",
      Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ),
    ...(network === undefined ? [] : flags("--network", [network])),
    ...(noCache ? ["--no-cache"] : []),
    ...flags("--secret", (ready.secrets ?? []).map(secretFlag)),
    paths.context,
  ];
}

/** Says where the value is and never the value. Its fields are those of CSV, which a comma in a path needs to be quoted for. */
function secretFlag(secret: SecretSource): string {
  const field = "file" in secret ? `src=${secret.file}` : `env=${secret.variable}`;
  return `id=${secret.id},${/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field}`;
}

/** `docker` with a builder: an environment of the client decides about two of the three. */
export const builderEnvironment = ({ builder }: DockerFeatures): Record<string, string> =>
  builder === "buildx" ? {} : { DOCKER_BUILDKIT: builder === "buildkit" ? "1" : "0" };

export const tagCommand = (image: string, reference: string): string[] => ["docker", "tag", image, reference];

export const pushCommand = (reference: string): string[] => ["docker", "push", reference];

export const pullCommand = (reference: string): string[] => ["docker", "pull", reference];

/** The file is written by the client. */
export const saveCommand = (reference: string, file: string): string[] => [
  "docker",
  "save",
  "--output",
  file,
  reference,
];

/** Makes an image of the files in an archive, and of nothing else. */
export const importCommand = (file: string, reference: string): string[] => ["docker", "import", file, reference];

export const inspectCommand = (reference: string): string[] => ["docker", "image", "inspect", reference];

/** `name` is that of the container, by which it can be removed when the client is stopped. */
export const runCommand = (run: ContainerRun, name: string): string[] => [
  "docker",
  "run",
  "--rm",
  ...container(run, name),
];

/** A container that does not run yet, so that files can be put into it. */
export const createCommand = (run: ContainerRun, name: string): string[] => [
  "docker",
  "create",
  ...container(run, name),
];

/** Unpacks an archive, which the command is given on its input. */
export const unpackCommand = (name: string): string[] => ["docker", "cp", "-", `${name}:/`];

export const startCommand = (name: string): string[] => ["docker", "start", "--attach", name];

function container({ image, command: [program, ...args], network, user }: ContainerRun, name: string): string[] {
  return [
    ...flags("--name", [name]),
    ...flags("--network", [network]),
    ...flags("--user", user === undefined ? [] : [user]),
    ...flags("--entrypoint", [program]),
    image,
    ...args,
  ];
}

export const removeContainerCommand = (name: string): string[] => ["docker", "rm", "--force", name];

const flags = (flag: string, values: Iterable<string>): string[] => [...values].flatMap((value) => [flag, value]);
