import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { engineEnvironment, type TestWorld } from "../../support/world.ts";
import type { Workshop } from "./workshop.ts";

interface Request {
  /** With references in place of names. */
  readonly dockerfile: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly ignore?: string;
  readonly workshop: Workshop;
  /** Where the image goes. */
  readonly reference: string;
  /** A folder for the Dockerfile. */
  readonly scratch: string;
}

/** Builds and pushes an image with the BuildKit of Docker 28; throws what it says. */
export async function askBuildKit({ modern }: TestWorld, request: Request): Promise<void> {
  const { reference, scratch, workshop, dockerfile, ignore, args = {} } = request;
  const file = join(scratch, reference.replace(/^.*:/, "Dockerfile-"));
  await writeFile(file, dockerfile);
  // As BuildKit looks for it: `.dockerignore` itself would be one more file to copy.
  if (ignore !== undefined) await writeFile(`${file}.dockerignore`, ignore);
  const given = Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  const always = ["build", "--provenance=false", "--network=host", "--push"];
  const command = [...always, "-t", reference, "-f", file, ...given, workshop.folder];
  const PATH = `${dirname(modern.client)}:${process.env["PATH"]}`;
  // The plugin by itself: the client in front of it would ask every plugin for its name first.
  const buildx = join(modern.config, "cli-plugins/docker-buildx");
  await promisify(execFile)(buildx, command, { env: { ...process.env, ...engineEnvironment(modern), PATH } });
}
