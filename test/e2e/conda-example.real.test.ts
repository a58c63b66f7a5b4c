import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { repositoryAt } from "../support/repository.ts";
import { engineEnvironment, type TestEngine, testWorld } from "../support/world.ts";

const world = testWorld();
let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** In place of a solver and a download: what is asked for is there, and python imports that and nothing else. */
const installer = `#!/bin/sh
set -eu
mkdir -p /opt/environment/bin
sed -n 's/^  - //p' "$1" >/opt/environment/packages
cat >/opt/environment/bin/python <<'END'
#!/bin/sh
grep -qx "\${2#import }" /opt/environment/packages
END
chmod 755 /opt/environment/bin/python
`;

describe.each<[string, TestEngine]>([
  ["Docker 20.10", world.engine],
  ["Docker 28", world.modern],
])("the example of conda environments with %s", (_, engine) => {
  it("is built from a base with ONBUILD, tested with its files, and published", async () => {
    const path = mkdtempSync(join(tmpdir(), "image-builder-conda-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    cpSync(join(import.meta.dirname, "../../examples/conda"), path, { recursive: true });
    const base = join(path, "science/conda-base");
    const dockerfile = readFileSync(join(base, "Dockerfile"), "utf8").replace(
      /^ARG BASE=.*$/m,
      `ARG BASE=${world.base}`,
    );
    const repo = `${world.registry}/conda-example-${process.pid}-${engine === world.engine ? "old" : "new"}`;
    const made = repositoryAt(path);
    made.commit({
      "image-builder.json": { repo },
      "science/conda-base/Dockerfile": dockerfile,
      "science/conda-base/install-environment": installer,
    });
    const line = ["--since", "all", "--push", "--network", "host", "--junit", "report.xml"];
    const environment = { ...engineEnvironment(engine), PATH: `${dirname(engine.client)}:${process.env["PATH"]}` };
    const { code, err, out } = await executable.run(line, { directory: path, environment });
    expect(code, err).toBe(0);
    expect(out).toContain(`${repo}/rel/photometry:1.0@sha256:`);
    expect(out).not.toContain("rel/conda-base");
    const report = readFileSync(join(path, "report.xml"), "utf8");
    expect(report).toContain('<testcase name="imports" classname="science/galaxies"');
    expect(report).not.toContain("<failure");

    made.commit({ "science/galaxies/tests/imports.sh": 'python -c "import nothing"\n' });
    const failed = await executable.run(line.slice(2), { directory: path, environment });
    expect(failed.code, failed.err).toBe(1);
    expect(failed.err).toContain('error[test-failed]: the test "imports" of science/galaxies failed');
  });
});
