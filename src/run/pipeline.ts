import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Catalogue } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { remoteBranch } from "../git/refs.ts";
import { isRepositoryComponent } from "../oci/reference.ts";
import type { PipelineFile, PipelineSystem } from "../pipeline/model.ts";
import { pipelineSystems } from "../pipeline/systems.ts";
import type { Session } from "./session.ts";

export interface PipelineRequest {
  /** Name of a CI system, one of `pipelineSystems`. */
  readonly system: string;
  /** Branch that is published; the remote's own when undefined. */
  readonly branch?: string | undefined;
  /** Build jobs side by side, at most; 8 when undefined. */
  readonly parts?: number | undefined;
}

/** Files by which a CI system checks, plans, builds and publishes this catalogue, the main one first. Throws `RefusedError`. */
export async function pipeline(session: Session, request: PipelineRequest): Promise<readonly PipelineFile[]> {
  const system = pipelineSystems.find(({ name }) => name === request.system);
  if (system === undefined) throw new RefusedError([unknownSystem(request.system)]);
  const catalogue = await session.catalogue();
  const branch = request.branch ?? (await remoteBranch(session.root)) ?? "main";
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(branch)) throw new RefusedError([strangeBranch(branch)]);
  const [registry = ""] = catalogue.settings.repo.split("/", 1);
  const program = existsSync(join(session.root, "image-builder")) ? "./image-builder" : "image-builder";
  return system.files({
    program,
    branch,
    parts: partsOf(request, system),
    registry,
    interfaces: interfacesOf(catalogue),
  });
}

function partsOf({ parts = 8 }: PipelineRequest, { name, mostParts }: PipelineSystem): number {
  if (Number.isInteger(parts) && parts >= 1 && parts <= mostParts) return parts;
  throw new RefusedError([
    error("too-many-parts", `${name} runs 1 to ${mostParts} jobs of one kind side by side, and --parts is ${parts}`, {
      help: `write --parts with a number up to ${mostParts}`,
    }),
  ]);
}

/** Directories of the interfaces that users' images have, sorted. */
function interfacesOf({ science, compat }: Catalogue): string[] {
  const used = new Set(science.map((each) => each.compat));
  return compat
    .filter(({ name }) => used.has(name) && isRepositoryComponent(name))
    .map(({ directory }) => directory)
    .sort();
}

const unknownSystem = (name: string) =>
  error("unknown-pipeline", `there is no pipeline for ${JSON.stringify(name)}`, {
    help: `write one of: ${pipelineSystems.map((each) => each.name).join(", ")}`,
  });

const strangeBranch = (name: string) =>
  error("strange-branch", `${JSON.stringify(name)} is not a branch's name that can stand in a pipeline's file`, {
    help: "write --branch with letters, digits, dots, dashes, slashes and underscores",
  });
