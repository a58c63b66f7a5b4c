import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import { type Redact, redact } from "../../diagnostics/redact.ts";
import { type Digest, parseDigest } from "../../oci/digest.ts";
import type { Registry } from "../../registry/model.ts";
import { listen } from "../blame.ts";
import { declarations } from "../choice/table.ts";
import type { BuiltImage, Engine, ReadyBuild, Task } from "../model.ts";
import type { Environment } from "../processes.ts";
import { withStage } from "../staging.ts";
import { type Client, connect } from "./client.ts";
import { buildCommand, builderEnvironment, pushCommand, tagCommand } from "./commands.ts";
import { createContainers } from "./containers.ts";
import { savedContents } from "./contents.ts";
import { type ExportedLayers, exportImage } from "./export.ts";
import { importContext } from "./import-context.ts";
import { createStore } from "./store.ts";

/**
 * A Docker engine, through whichever client is on the PATH of this environment. `destination` takes what is pushed in place
 * of any registry, as an OCI layout does. `clean` is for what the engine says, where that is part of a message.
 */
export function createDockerEngine(
  environment: Environment = process.env,
  destination?: Registry,
  clean: Redact = redact,
): Engine {
  const client = connect(environment, clean);
  const exported: ExportedLayers = new Map();
  return {
    name: "docker",
    takes: declarations.docker.takes,
    probe: () => client.features(),
    build: (ready, task) => build(client, ready, task),
    push: (image, reference, task) =>
      destination ? exportImage(client, reference, destination, exported, task) : push(client, image, reference, task),
    contents: (image, known, cache, task) => savedContents(client, image.reference, { known, cache }, task),
    store: createStore(client),
    containers: createContainers(client),
  };
}

async function build(client: Client, ready: ReadyBuild, task: Task): Promise<BuiltImage> {
  const features = await client.features();
  if (!features.copiesInTriggers) refuseTriggers(ready, features.description);
  if (ready.secrets && features.builder === "classic") throw noSecrets(ready.build.id);
  return withStage(ready, task.signal, async (stage) => {
    const paths = { ...stage, idFile: join(stage.folder, "id") };
    const command = buildCommand(ready, paths, features);
    for (const each of ready.build.contexts ?? []) await importContext(client, each, ready.root, stage.folder, task);
    await client.run(command, task, `${ready.build.id} was not built`, {
      environment: builderEnvironment(features),
      blamed: listen(features.builder === "classic" ? "classic" : "buildkit", ready),
    });
    const id = parseDigest((await readFile(paths.idFile, "utf8")).trim());
    if (!id) throw strange(command, "did not write the image's id");
    return { id: ready.build.id, reference: ready.build.tags[0], config: id };
  });
}

/** A builder that is too old copies from an empty image, and says that a file is not there. */
function refuseTriggers({ build: { id, triggers = [] }, dockerfile }: ReadyBuild, engine: string): void {
  const of = triggers.find(({ instructions }) =>
    instructions.some((each) => /^(?:copy|run)\s.*\bfrom=/i.test(each)),
  )?.of;
  if (of === undefined || /^#\s*syntax\s*=/i.test(dockerfile)) return;
  const message = `${id} copies from an image or a stage by ONBUILD of ${of}, and ${engine} does not carry that out`;
  const help =
    "use Docker 28 or newer, DOCKER_BUILDKIT=0 for the classic builder, or write the COPY into the layer itself";
  throw new FailedError([error("engine-too-old", message, { help })]);
}

async function push(client: Client, image: BuiltImage, reference: string, task: Task): Promise<Digest> {
  if (reference !== image.reference) {
    await client.run(tagCommand(image.reference, reference), task, `${image.id} was not tagged`);
  }
  const command = pushCommand(reference);
  const { stdout } = await client.run(command, task, `${reference} was not pushed`);
  const digest = parseDigest(/digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1] ?? "");
  if (!digest) throw strange(command, "did not say which digest it has pushed");
  return digest;
}

const noSecrets = (id: string): FailedError =>
  new FailedError([
    error("no-secrets", `${id} needs secrets, and Docker's classic builder takes none`, {
      help: "build with BuildKit: leave out DOCKER_BUILDKIT=0, or install docker-buildx",
    }),
  ]);

const strange = (command: readonly string[], did: string): FailedError =>
  new FailedError([error("engine-answer", `"${command.slice(0, 3).join(" ")}" ended well and ${did}`)]);
