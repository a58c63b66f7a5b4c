import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JupyterServer, type OpenNotebook, openNotebook, runJob, startJupyter } from "../support/jupyter.ts";
import { type OwnCatalogue, ownCatalogue } from "../support/own-catalogue.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const { engine } = world;

let catalogue: OwnCatalogue;
beforeAll(async () => {
  catalogue = ownCatalogue("jupyter");
  const published = await catalogue.imageBuilder("--push", "--since", "all");
  if (published.code !== 0) throw new Error(`the catalogue could not be published:\n${published.err}`);
}, 1_200_000);
afterAll(() => catalogue?.remove());

/** As a platform does it: the stable tag, pulled. */
function pulled(image: string): string {
  const reference = `${catalogue.repo}/rel/${image}`;
  const env = { ...process.env, ...engineEnvironment(engine) };
  execFileSync(engine.client, ["pull", "--quiet", reference], { env, stdio: "pipe" });
  return reference;
}

/** Serves the image for the tests of one `describe`. */
function served(image: string, kernel: string): { notebook: OpenNotebook } {
  const shared = {} as { notebook: OpenNotebook };
  let server: JupyterServer;
  beforeAll(async () => {
    server = await startJupyter(engine, pulled(image));
    shared.notebook = await openNotebook(world.tools.chromium, server, kernel);
  });
  afterAll(async () => {
    await shared.notebook?.close();
    expect(await server?.stop()).toBe(0);
  });
  return shared;
}

describe("Jupyter on the astronomy image", () => {
  const shared = served("astronomy:1.1", "python3");

  it("runs a cell in the science image's own Python, which has astropy and what later layers added", async () => {
    const code = "import sys, astropy, photutils, reproject\nprint(sys.executable, astropy.__version__)";
    expect(await shared.notebook.run(code)).toMatch(/^\/usr\/bin\/python3 \d+\.\d+/);
  });

  it("runs as the user idies in its workspace", async () => {
    const code =
      "import os, pwd\nprint(os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.getcwd(), os.access('.', os.W_OK))";
    expect((await shared.notebook.run(code)).trim()).toBe("1000 idies /home/idies/workspace True");
  });

  it("draws in the notebook", async () => {
    await shared.notebook.run("import matplotlib.pyplot as plt\nplt.plot([1, 4, 9]);");
    expect(await shared.notebook.pictures()).toBe(1);
  });

  it("shows nothing of itself to programs that a notebook starts", async () => {
    const child = "import importlib.util, os; print(importlib.util.find_spec('zmq'), os.environ.get('MPLBACKEND'))";
    const code = `import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', ${JSON.stringify(child)}], text=True))`;
    expect((await shared.notebook.run(code)).trim()).toBe("None None");
  });

  it("shows the error of a cell", async () => {
    expect(await shared.notebook.run("1 / 0")).toContain("ZeroDivisionError: division by zero");
  });

  it("loads every part of its page", () => {
    expect(shared.notebook.complaints).toEqual([]);
  });
});

describe("Jupyter on an image without Python", () => {
  const shared = served("r-statistics:1.0", "ir");

  it("runs a cell in the science image's own R", async () => {
    expect(await shared.notebook.run("cat(R.home(), coef(lm(dist ~ speed, cars))[['speed']])")).toMatch(
      /^\/usr\/lib\/R 3\.93/,
    );
  });

  it("draws in the notebook", async () => {
    await shared.notebook.run("plot(cars)");
    expect(await shared.notebook.pictures()).toBe(1);
  });
});

const notebook = (kernel: string, ...cells: string[]): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 4,
    metadata: { kernelspec: { name: kernel, display_name: kernel } },
    cells: cells.map((source) => ({
      cell_type: "code",
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    })),
  });

describe("batch jobs", () => {
  it("run a command file and leave its output and exit status", async () => {
    const commands = "python3 -c 'import astropy; print(astropy.__name__)'\necho complaint >&2\nexit 7\n";
    const job = await runJob(engine, pulled("astronomy:1.0"), ["--cmdfile", "commands.txt"], {
      "commands.txt": commands,
    });
    expect(job).toMatchObject({ status: 7, stdout: "astropy\n", stderr: "complaint\n" });
    expect(job.files).toMatchObject({
      "stdout.txt": "astropy\n",
      "stderr.txt": "complaint\n",
      "exit-status.txt": "7\n",
    });
  });

  it("run a notebook and leave it with its results", async () => {
    const files = { "n.ipynb": notebook("python3", "import photutils\nprint(6 * 7)") };
    const job = await runJob(engine, pulled("astronomy:1.0"), ["--notebook", "n.ipynb"], files);
    expect(job).toMatchObject({ status: 0, stdout: "42\n", stderr: "" });
    expect(job.files["exit-status.txt"]).toBe("0\n");
    expect(JSON.parse(job.files["n.executed.ipynb"] ?? "")).toMatchObject({
      cells: [{ outputs: [{ text: ["42\n"] }] }],
    });
  });

  it("end at the first cell that fails, and keep what came before", async () => {
    const files = { "n.ipynb": notebook("python3", "print('one')", "1 / 0", "print('three')") };
    const job = await runJob(engine, pulled("astronomy:1.0"), ["--notebook", "n.ipynb"], files);
    expect(job).toMatchObject({ status: 1, stdout: "one\n", stderr: expect.stringContaining("ZeroDivisionError") });
    expect(job.files["exit-status.txt"]).toBe("1\n");
    expect(job.files["n.executed.ipynb"]).toContain("ZeroDivisionError");
  });

  it("run notebooks for R, too", async () => {
    const files = { "n.ipynb": notebook("ir", "cat(mean(c(1, 2, 6)))") };
    const job = await runJob(engine, pulled("r-statistics:1.0"), ["--notebook", "n.ipynb"], files);
    expect(job).toMatchObject({ status: 0, stdout: "3" });
  });

  it("run with the batch interface, which has no Jupyter", async () => {
    const files = { "c.txt": "SWarp --version; test ! -e /opt/jupyter; exit $?" };
    const job = await runJob(engine, pulled("source-extraction:1.0"), ["--cmdfile", "c.txt"], files);
    expect(job).toMatchObject({ status: 0, stdout: expect.stringContaining("SWarp") });
  });
});
