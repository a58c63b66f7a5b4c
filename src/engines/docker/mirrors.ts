import { z } from "zod";
import { type Environment, runProcess } from "../processes.ts";

/** The mirrors of Docker Hub that the engine of this machine is set up with, as addresses; none where there is no engine. */
export async function engineMirrors(environment: Environment): Promise<readonly string[]> {
  const command = ["docker", "info", "--format", "{{json .RegistryConfig.Mirrors}}"];
  try {
    const { stdout } = await runProcess(command, { environment, signal: AbortSignal.timeout(10_000) });
    return z.array(z.string()).parse(JSON.parse(stdout));
  } catch {
    return [];
  }
}
