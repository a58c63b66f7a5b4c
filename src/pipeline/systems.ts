import { argo } from "./argo.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { jenkins } from "./jenkins.ts";
import type { PipelineSystem } from "./model.ts";
import { slurm } from "./slurm.ts";

/** The CI systems that pipelines are written for, in the order of the help. */
export const pipelineSystems: readonly PipelineSystem[] = [jenkins, gitlab, github, argo, slurm];
