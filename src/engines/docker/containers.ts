import { randomBytes } from "node:crypto";
import type { ContainerResult, ContainerRun, Containers, Task } from "../model.ts";
import type { ProcessResult } from "../processes.ts";
import type { Client } from "./client.ts";
import { createCommand, removeContainerCommand, runCommand, startCommand, unpackCommand } from "./commands.ts";

/** Containers of a Docker engine. */
export const createContainers = (client: Client): Containers => ({
  run: (run, task) => runOnce(client, run, task),
});

/**
 * Stopping the client does not stop the container: a shell that is process 1 ignores the signal it is sent. So the container is
 * removed, which ends its client as well; and once more afterwards, when it was only about to be made.
 */
async function runOnce(client: Client, run: ContainerRun, task: Task): Promise<ContainerResult> {
  const name = `image-builder-test-${randomBytes(6).toString("hex")}`;
  const remove = () => client.ask(removeContainerCommand(name));
  const stop = () => void remove();
  task.signal.addEventListener("abort", stop, { once: true });
  try {
    return run.archive === undefined
      ? ended(await client.attempt(runCommand(run, name), task), run)
      : await runWithFiles(client, run, run.archive, name, task);
  } finally {
    task.signal.removeEventListener("abort", stop);
    if (task.signal.aborted || run.archive !== undefined) await remove();
  }

  function ended(result: ProcessResult, { image }: ContainerRun): ContainerResult {
    if (result.code === noContainer)
      throw client.failed(`no container of ${image} was run`, runCommand(run, name), result);
    return result;
  }
}

/** What docker run ends with where it is docker itself that fails. */
const noContainer = 125;

/** Copied and not mounted: the engine may be on another machine, and what a program writes beside them must go with the container. */
async function runWithFiles(
  client: Client,
  run: ContainerRun,
  archive: string,
  name: string,
  task: Task,
): Promise<ContainerResult> {
  await client.run(createCommand(run, name), task, `no container of ${run.image} was made`);
  await client.run(unpackCommand(name), task, `files were not copied into a container of ${run.image}`, {
    input: archive,
  });
  return client.attempt(startCommand(name), task);
}
