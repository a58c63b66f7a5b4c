import { readyLabels } from "../compose/labels.ts";
import type { ImageBuild, Pin, TemplateBase } from "../compose/model.ts";
import { finalPin, renderDockerfile } from "../compose/render.ts";
import { pinned } from "./find-bases.ts";
import type { BuiltImage, Engine, ReadyBuild, Task } from "./model.ts";
import type { RunOptions } from "./run-model.ts";

/** Fills in what only the run knows: which images the bases are, and the time. `built`: by id. */
export async function makeReady(
  build: ImageBuild,
  engine: Engine,
  built: ReadonlyMap<string, BuiltImage>,
  options: RunOptions,
  task: Task,
): Promise<ReadyBuild> {
  await engine.probe();
  const makesUsers = engine.takes.has("declared");
  const pins = build.dockerfile.references.map(({ base }) => pinFor(base, engine, built, options));
  const known = makesUsers || build.dockerfile.declared.length === 0 ? pins : await withUser(build, pins, engine, task);
  const created = (engine.repeats === true ? options.committed : undefined) ?? options.created;
  const { text, declared, origins } = renderDockerfile(build.dockerfile, known, makesUsers ? "keep" : "run");
  const base = finalPin(build.dockerfile, pins);
  return {
    build,
    ...(base && { base }),
    root: options.root,
    dockerfile: text,
    declared,
    origins,
    context: build.context,
    labels: readyLabels(build, created, base),
    created,
    noCache: options.noCache,
    ...(options.network === undefined ? {} : { network: options.network }),
    ...secretsOf(build, options),
  };
}

function secretsOf({ secrets: names = [] }: ImageBuild, { secrets }: RunOptions): Pick<ReadyBuild, "secrets"> {
  const given = names.flatMap((name) => secrets?.get(name) ?? []);
  return given.length === 0 ? {} : { secrets: given };
}

function pinFor(base: TemplateBase, engine: Engine, built: ReadonlyMap<string, BuiltImage>, options: RunOptions): Pin {
  if (base.kind === "named") return options.bases.pinOf(base, engine);
  const image = built.get(base.id);
  if (!image) throw new Error(`${base.id} is built on before it is there`);
  const pin = pinned(image.reference, image.manifest);
  // What only a layout holds is known to the engine by its tag; it was built a moment ago.
  return options.parentsAreLocal && engine.store ? { ...pin, reference: pin.name } : pin;
}

/** Instructions that make a user run as root, and must give back the user that the base of the image has. */
async function withUser(build: ImageBuild, pins: readonly Pin[], engine: Engine, task: Task): Promise<readonly Pin[]> {
  const final = finalPin(build.dockerfile, pins);
  if (!final || final.user !== undefined || !engine.store) return pins;
  const image = (await engine.store.inspect(final.reference)) ?? (await engine.store.pull(final.reference, task));
  return pins.map((pin) => (pin === final ? { ...pin, user: image.user } : pin));
}
