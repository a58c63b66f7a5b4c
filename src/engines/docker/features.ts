import { z } from "zod";
import type { EngineFeatures } from "../model.ts";

/** What is known of a client and its engine after asking both. */
export interface DockerFeatures extends EngineFeatures {
  /** `buildx`: the client's plugin. `buildkit`: the one in clients before 23. `classic`: without BuildKit. */
  readonly builder: "classic" | "buildkit" | "buildx";
  /** Whether buildx knows `--provenance`, and so would attest something without being asked. */
  readonly attestationFlags: boolean;
  /** Whether COPY --from behind ONBUILD copies from what it names: BuildKit does since 0.17, which no engine below API 1.47 has. */
  readonly copiesInTriggers: boolean;
  /** Name of the docker context; the builder that sees the engine's own images has the same. */
  readonly context: string;
}

/**
 * Decides how to build from `docker version --format '{{json .}}'` and `docker buildx version`, whose output is undefined
 * when there is no buildx. `wanted` is DOCKER_BUILDKIT: `0` asks for the classic builder. `processors` is the engine's own number of
 * them, as `docker info --format '{{.NCPU}}'` says it. Undefined when the engine did not answer.
 */
export function readFeatures(
  version: string,
  buildx: string | undefined,
  wanted: string | undefined,
  processors?: string,
): DockerFeatures | undefined {
  const parsed = versionSchema.safeParse(parseJson(version));
  if (!parsed.success || !parsed.data.Server) return undefined;
  const { Client: client, Server: server } = parsed.data;
  const builder = chooseBuilder(client.Version, server.ApiVersion, buildx, wanted);
  return {
    builder,
    attestationFlags: buildx !== undefined && isAtLeast(buildxVersion(buildx), [0, 10]),
    copiesInTriggers: builder === "classic" || isAtLeast(numbers(server.ApiVersion), [1, 47]),
    context: client.Context || "default",
    description: describe(builder, client.Version, server.Version, buildx),
    ...jobsOf(builder, Number.parseInt(processors ?? "", 10)),
  };
}

/**
 * Most of a build is waiting for archives and disks. BuildKit shares what it has among its builds; the classic builder carries out one
 * instruction after the other.
 */
function jobsOf(builder: DockerFeatures["builder"], processors: number): Pick<DockerFeatures, "jobs"> {
  if (!(processors > 0)) return {};
  return { jobs: builder === "classic" ? processors : Math.min(32, Math.max(10, 4 * processors)) };
}

function chooseBuilder(
  client: string,
  api: string,
  buildx: string | undefined,
  wanted: string | undefined,
): DockerFeatures["builder"] {
  // The engine has BuildKit since 18.09, API 1.39; the client's own since then and until 22, when buildx took its place.
  if (wanted === "0" || !isAtLeast(numbers(api), [1, 39])) return "classic";
  if (buildx !== undefined) return "buildx";
  return isAtLeast(numbers(client), [23]) ? "classic" : "buildkit";
}

function describe(
  builder: DockerFeatures["builder"],
  client: string,
  server: string,
  buildx: string | undefined,
): string {
  const engine = client === server ? `docker ${server}` : `docker ${server} (client ${client})`;
  if (builder === "buildx") return `${engine} with buildx ${buildxVersion(buildx ?? "").join(".")}`;
  return builder === "buildkit" ? `${engine} with BuildKit` : `${engine} with the classic builder`;
}

const buildxVersion = (text: string): number[] => numbers(/(?:^|\s)v?(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? "0");

const numbers = (version: string): number[] => version.split(/[.+~-]/).map((part) => Number.parseInt(part, 10) || 0);

const isAtLeast = (version: readonly number[], wanted: readonly number[]): boolean => {
  const different = wanted.findIndex((part, index) => (version[index] ?? 0) !== part);
  return different === -1 || (version[different] ?? 0) > (wanted[different] ?? 0);
};

const versionSchema = z.looseObject({
  Client: z.looseObject({ Version: z.string(), Context: z.string().optional() }),
  Server: z.looseObject({ Version: z.string(), ApiVersion: z.string() }).nullish(),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
