import { describe, expect, it } from "vitest";
import { FailedError } from "../../../src/diagnostics/failure.ts";
import { buildCommand, builderEnvironment } from "../../../src/engines/docker/commands.ts";
import { createDockerEngine } from "../../../src/engines/docker/docker.ts";
import { type DockerFeatures, readFeatures } from "../../../src/engines/docker/features.ts";
import { readInspection } from "../../../src/engines/docker/store.ts";
import { sha256Digest } from "../../../src/oci/digest.ts";
import { readyBuild } from "../../contracts/engine.ts";

const version = (client: string, server: string, api = "1.41"): string =>
  JSON.stringify({ Client: { Version: client, Context: "default" }, Server: { Version: server, ApiVersion: api } });
const buildx = "github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4\n";
const paths = { dockerfile: "/t/Dockerfile", context: "/t/context", idFile: "/t/id" };
const features = (text: string, plugin?: string, wanted?: string): DockerFeatures => {
  const found = readFeatures(text, plugin, wanted);
  if (!found) throw new Error("no engine");
  return found;
};

describe("the way to build", () => {
  it.each([
    ["20.10.24+dfsg1", "20.10.24+dfsg1", undefined, undefined, "buildkit"],
    ["28.5.2", "28.5.2", buildx, undefined, "buildx"],
    ["28.2.2", "20.10.24", undefined, undefined, "classic"],
    ["28.2.2", "28.5.2", undefined, "1", "classic"],
    ["28.5.2", "28.5.2", buildx, "0", "classic"],
    ["20.10.24", "20.10.24", buildx, undefined, "buildx"],
  ])("of client %s on engine %s with %s and DOCKER_BUILDKIT=%s is %s", (client, server, plugin, wanted, expected) => {
    expect(features(version(client, server), plugin, wanted).builder).toBe(expected);
  });

  it.each([
    ["28.5.2", "1.51", buildx, true],
    ["20.10.24", "1.41", undefined, false],
    ["20.10.24", "1.41", buildx, false],
    ["27.1.0", "1.46", buildx, false],
  ])("of engine %s carries out COPY --from behind ONBUILD, or not", (server, api, plugin, expected) => {
    expect(features(version(server, server, api), plugin).copiesInTriggers).toBe(expected);
    expect(features(version(server, server, api), plugin, "0").copiesInTriggers).toBe(true);
  });

  it("is the classic one on an engine older than BuildKit", () => {
    expect(features(version("19.03", "18.06", "1.38")).builder).toBe("classic");
  });

  it("is not known without an engine", () => {
    expect(readFeatures('{"Client":{"Version":"28"},"Server":null}', undefined, undefined)).toBeUndefined();
    expect(readFeatures("", undefined, undefined)).toBeUndefined();
  });

  it("takes as many builds at a time as the engine has room for, whatever this machine has", () => {
    const version = (server: string) =>
      JSON.stringify({ Client: { Version: "28.0.0" }, Server: { Version: server, ApiVersion: "1.41" } });
    const jobs = (processors: string | undefined, wanted?: string) =>
      readFeatures(version("28.0.0"), "github.com/docker/buildx v0.20.0", wanted, processors)?.jobs;
    expect([jobs("2\n"), jobs("4"), jobs("64")]).toEqual([10, 16, 32]);
    expect(jobs("4", "0")).toBe(4);
    expect([jobs(undefined), jobs("")]).toEqual([undefined, undefined]);
  });
});

describe("the command", () => {
  const ready = readyBuild({ repo: "r.test/x", root: "/" }, "a", "", {
    labels: { l: "1 2" },
    noCache: true,
    network: "host",
  });

  it("for buildx asks for no attestations and for the engine's own builder", () => {
    expect(
      buildCommand(
        { ...ready, build: { ...ready.build, args: { A: "b c" } } },
        paths,
        features(version("28.5.2", "28.5.2"), buildx),
      ),
    ).toEqual(
      "docker buildx build --builder default --provenance=false --sbom=false --progress plain --file /t/Dockerfile --iidfile /t/id --tag r.test/x/a:1.0-1-abc --tag r.test/x/a:1.0 --build-arg A=b|c --build-arg SOURCE_DATE_EPOCH=1700000000 --label l=1|2 --network host --no-cache /t/context"
        .split(" ")
        .map((word) => word.replace("|", " ")),
    );
  });

  it("for the others is docker build", () => {
    const old = features(version("20.10.24", "20.10.24"));
    expect(buildCommand(ready, paths, old).slice(0, 4)).toEqual(["docker", "build", "--progress", "plain"]);
    expect(builderEnvironment(old)).toEqual({ DOCKER_BUILDKIT: "1" });
    const classic = features(version("28.2.2", "28.2.2"));
    expect(buildCommand(ready, paths, classic)[2]).toBe("--force-rm");
    expect(builderEnvironment(classic)).toEqual({ DOCKER_BUILDKIT: "0" });
  });

  it("for a buildx that knows no attestations does not speak of them", () => {
    expect(
      buildCommand(ready, paths, features(version("20.10", "20.10"), "github.com/docker/buildx v0.9.1 x")),
    ).not.toContain("--sbom=false");
  });
});

it("an image's digest is that of the repository that was asked for", () => {
  const [one, two] = [sha256Digest("1"), sha256Digest("2")];
  const answer = JSON.stringify([
    { Id: sha256Digest("c"), RepoDigests: [`other.test/debian@${one}`, `debian@${two}`], Config: { User: "" } },
  ]);
  expect(readInspection(answer, "docker.io/library/debian:1")?.manifest).toBe(two);
  expect(readInspection(answer, "third.test/debian:1")?.manifest).toBeUndefined();
});

describe("no engine", () => {
  const probe = (environment: Record<string, string>): Promise<unknown> =>
    createDockerEngine(environment)
      .probe()
      .catch((each: unknown) => each);

  it("at all is told with what would do", async () => {
    const failure = (await probe({ PATH: "/nowhere" })) as FailedError;
    expect(failure).toBeInstanceOf(FailedError);
    expect(failure.diagnostics[0]).toMatchObject({
      code: "no-engine",
      help: expect.stringContaining("install Docker"),
    });
    expect(JSON.stringify(failure.diagnostics[0]?.notes)).toContain("--output oci:DIR");
  });
});
