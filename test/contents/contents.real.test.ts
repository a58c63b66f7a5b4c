import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ContentsAnswer, contents } from "../../src/run/contents.ts";
import { withSession } from "../../src/run/session.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

/** Packages of every kind and in every state that Debian can give us: a deb that is not configured, one of which only configuration is left. */
const dockerfile = `FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python3-venv r-cran-rlang rpm && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /deb/DEBIAN /deb/etc && echo x >/deb/etc/left.conf && echo /etc/left.conf >/deb/DEBIAN/conffiles \\
 && printf 'Package: left\\nVersion: 1\\nArchitecture: all\\nMaintainer: m\\nDescription: d\\n' >/deb/DEBIAN/control \\
 && dpkg-deb -b /deb /left.deb && dpkg -i /left.deb && dpkg -r left \\
 && rm /deb/DEBIAN/conffiles /deb/etc/left.conf && sed -i 's/left/half/' /deb/DEBIAN/control \\
 && printf '#!/bin/sh\\nexit 1\\n' >/deb/DEBIAN/postinst && chmod 755 /deb/DEBIAN/postinst \\
 && dpkg-deb -b /deb /half.deb && ! dpkg -i /half.deb
RUN python3 -m venv --system-site-packages /opt/both && python3 -m venv /opt/alone && cp -r /usr/lib/python3/dist-packages/wheel* /usr/local/lib/python3.11/dist-packages/ \\
 && sed -i 's/^Version: .*/Version: 9.9/' /usr/local/lib/python3.11/dist-packages/wheel-*.egg-info/PKG-INFO
RUN mkdir -p /usr/local/lib/R/site-library && cp -r /usr/lib/R/site-library/rlang /usr/local/lib/R/site-library/
RUN mkdir -p /var/lib/rpm /root/s && for p in alpha beta; do printf 'Name: %s\\nVersion: 1.2\\nRelease: 3\\nEpoch: 4\\nSummary: x\\nLicense: MIT\\nBuildArch: noarch\\n%%description\\nx\\n%%files\\n' $p >/root/s/$p.spec; rpmbuild -bb /root/s/$p.spec; done \\
 && rpm --dbpath /var/lib/rpm -i --nodeps /root/rpmbuild/RPMS/noarch/*.rpm
RUN rpm --dbpath /var/lib/rpm -e beta
`;

const world = testWorld();
const reference = `${world.registry}/contents-${process.pid}/all:1`;
const folder = mkdtempSync(join(tmpdir(), "image-builder-contents-"));
let answer: ContentsAnswer;

function docker(...args: string[]): string {
  const env = { ...process.env, ...engineEnvironment(world.engine), DOCKER_BUILDKIT: "0" };
  return execFileSync(world.engine.client, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

const lines = (...command: string[]): string[] =>
  docker("run", "--rm", reference, ...command)
    .trim()
    .split("\n")
    .sort();

const read = (cache: string): Promise<ContentsAnswer> =>
  withSession({ directory: folder, environment: { ...process.env, XDG_CACHE_HOME: join(folder, cache) } }, (session) =>
    contents(session, reference),
  );

const listed = (ecosystem: string): ContentsAnswer["packages"] =>
  answer.packages.filter((each) => each.ecosystem === ecosystem);

describe("the contents of a real image", () => {
  beforeAll(async () => {
    writeFileSync(join(folder, "Dockerfile"), dockerfile);
    docker("build", "--network=host", "--tag", reference, folder);
    docker("push", reference);
    answer = await read("cache");
  }, 1_200_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are the debs that dpkg-query lists, but for those of which only configuration is left", () => {
    const all = lines("dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n");
    expect(all.filter((line) => line.startsWith("config-files"))).toHaveLength(1);
    const there = all.filter((line) => !line.startsWith("config-files"));
    const ours = listed("deb").map((each) =>
      [each.state ?? "installed", each.name, each.version, each.architecture].join("\t"),
    );
    expect(ours.sort()).toEqual(there);
    expect(there.some((line) => line.startsWith("half-configured\thalf\t"))).toBe(true);
  });

  it.each(["/usr/bin/python3.11", "/opt/both/bin/python3", "/opt/alone/bin/python3"])(
    "are what pip lists with %s",
    (interpreter) => {
      const own = answer.pythons.find((each) => each.interpreter === interpreter);
      const [json = ""] = lines(interpreter, "-m", "pip", "list", "--format", "json");
      const pip = (JSON.parse(json) as { name: string; version: string }[]).map(
        (each) => `${each.name} ${each.version}`,
      );
      expect(own?.packages.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(pip.sort());
    },
  );

  it("are the packages of R in every library", () => {
    const script = 'p <- installed.packages(); cat(paste(p[, "LibPath"], p[, "Package"], p[, "Version"]), sep = "\\n")';
    const ours = listed("r").map(({ path, version }) => `/${path.replace(/\/([^/]*)$/, " $1")} ${version}`);
    expect(ours.sort()).toEqual(lines("Rscript", "-e", script));
    expect(ours.filter((each) => each.includes("rlang"))).toHaveLength(2);
  });

  it("are the packages of RPM, whose database two layers wrote", () => {
    const ours = listed("rpm").map((each) => `${each.name} ${each.version} ${each.architecture} ${each.licence}`);
    const format = "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}\n";
    expect(ours.sort()).toEqual(lines("rpm", "--dbpath", "/var/lib/rpm", "-qa", "--qf", format));
    expect(ours).toHaveLength(1);
  });

  it("are the same from the cache, each package of the layer that brought it", async () => {
    expect(await read("cache")).toEqual(answer);
    const layerOf = (name: string): number | undefined => listed("deb").find((each) => each.name === name)?.layer;
    expect([layerOf("base-files"), layerOf("rpm"), layerOf("half")]).toEqual([0, 1, 2]);
    expect(answer.problems).toEqual([]);
  });
});
