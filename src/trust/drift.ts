import type { ContainerConfig, ImageConfig } from "../oci/config.ts";
import type { Drift } from "./model.ts";

/** Where an image's configuration differs from its science image's: variables first, then the rest by name. */
export function configDrift(image: ImageConfig, science: ImageConfig): readonly Drift[] {
  const [own, below] = [image.config ?? {}, science.config ?? {}];
  return [...environmentDrift(own, below), ...settings.flatMap(([what, read]) => differ(what, read(own), read(below)))];
}

/** What the build itself sets (B25) is no drift. */
const ownVariable = "SCISERVER_IMAGE";

function environmentDrift(own: ContainerConfig, below: ContainerConfig): readonly Drift[] {
  const [after, before] = [variables(own), variables(below)];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => name !== ownVariable).sort();
  return names.flatMap((name) => differ(name === "PATH" ? name : `ENV ${name}`, after.get(name), before.get(name)));
}

export const variables = ({ Env = [] }: ContainerConfig): ReadonlyMap<string, string> =>
  new Map(
    Env.map((each) => {
      const equals = each.indexOf("=");
      return equals === -1 ? [each, ""] : [each.slice(0, equals), each.slice(equals + 1)];
    }),
  );

const list = (words: readonly string[] | undefined): string | undefined =>
  words === undefined || words.length === 0 ? undefined : JSON.stringify(words);

const names = (value: Readonly<Record<string, object>> | undefined): string | undefined =>
  list(Object.keys(value ?? {}).sort());

const settings: readonly (readonly [string, (config: ContainerConfig) => string | undefined])[] = [
  ["USER", ({ User }) => User || undefined],
  ["ENTRYPOINT", ({ Entrypoint }) => list(Entrypoint)],
  ["CMD", ({ Cmd }) => list(Cmd)],
  ["WORKDIR", ({ WorkingDir }) => WorkingDir || undefined],
  ["SHELL", ({ Shell }) => list(Shell)],
  ["STOPSIGNAL", ({ StopSignal }) => StopSignal || undefined],
  ["HEALTHCHECK", ({ Healthcheck }) => list(Healthcheck?.Test)],
  ["EXPOSE", ({ ExposedPorts }) => names(ExposedPorts)],
  ["VOLUME", ({ Volumes }) => names(Volumes)],
];

const differ = (what: string, image: string | undefined, science: string | undefined): readonly Drift[] =>
  image === science ? [] : [{ what, ...(science !== undefined && { science }), ...(image !== undefined && { image }) }];
