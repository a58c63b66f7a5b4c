import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

const Engine = z.object({
  /** For DOCKER_HOST. */
  host: z.string(),
  /** The docker client that belongs to this engine. */
  client: z.string(),
  /** For DOCKER_CONFIG: no credentials; where the client has buildx, it is a plugin in here. */
  config: z.string(),
});

const World = z.object({
  /** Debian's own: 20.10, without buildx. */
  engine: Engine,
  /** A newer one, with buildx. */
  modern: Engine,
  /** A client found elsewhere on PATH, of unknown age and with unknown plugins. */
  otherClient: z.string().nullable(),
  /** HOST:PORT of the registry that stands in for Docker Hub. */
  mirror: z.string(),
  /** HOST:PORT of an open registry to push to; empty when the world starts. */
  registry: z.string(),
  /** An image that both engines can pull. */
  base: z.string(),
  /** For CONTAINERS_REGISTRIES_CONF: makes buildah use the mirror, and plain http on loopback. */
  registriesConf: z.string(),
  tools: z.object({
    crane: z.string(),
    oras: z.string(),
    cosign: z.string(),
    skopeo: z.string(),
    umoci: z.string(),
    buildah: z.string(),
    /** Folder of packages of npm that read and run the files of CI systems. */
    pipelines: z.string(),
    chromium: z.string(),
  }),
});

export type TestEngine = z.infer<typeof Engine>;
export type TestWorld = z.infer<typeof World>;

/**
 * The engines and registries that `test/world up` started. Throws when they are not up: tests that need them fail, they
 * are never skipped.
 */
export function testWorld(): TestWorld {
  const file = process.env["IMAGE_BUILDER_TEST_WORLD"] ?? join(cache(), "world/world.json");
  return World.parse(JSON.parse(readWorld(file)));
}

/** What a child process needs in its environment to speak to this engine, and to no other. */
export function engineEnvironment(engine: TestEngine): Record<string, string> {
  return { DOCKER_HOST: engine.host, DOCKER_CONFIG: engine.config, DOCKER_CONTEXT: "" };
}

function readWorld(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const said = lastFailure(file);
    const help = "run test/all, or start it with test/world up";
    throw new Error(`the test world is not up; ${help}${said && `\nwhen it was last started, ${said}`}`, { cause });
  }
}

/** What `test/world up` wrote down when a part of it did not start; empty when it was never tried, or is under way. */
function lastFailure(file: string): string {
  const failure = join(dirname(file), "failure");
  return existsSync(failure) ? readFileSync(failure, "utf8").trimEnd() : "";
}

function cache(): string {
  const { IMAGE_BUILDER_TEST_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own ?? join(xdg ?? join(homedir(), ".cache"), "image-builder-tests");
}
