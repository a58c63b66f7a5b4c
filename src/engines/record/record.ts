import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import type { Range } from "../../diagnostics/text.ts";
import { canonicalJson } from "../../oci/canonical-json.ts";
import { sha256Digest } from "../../oci/digest.ts";
import { declarations } from "../choice/table.ts";
import { buildCommand, pullCommand, pushCommand, runCommand, tagCommand } from "../docker/commands.ts";
import type { DockerFeatures } from "../docker/features.ts";
import type { BuiltImage, Engine, ReadyBuild, StoredImage, Task } from "../model.ts";
import { locateReady } from "../place.ts";

interface RecordEngine extends Engine {
  /** What a Docker engine would have been told, in that order. */
  readonly commands: readonly (readonly string[])[];
}

/**
 * An engine that makes nothing and writes down what it would do. Its store begins with these references. A Dockerfile or
 * a test that runs `false` fails, as does one on an image that the store does not have.
 */
export function createRecordEngine(references: readonly string[] = []): RecordEngine {
  const commands: (readonly string[])[] = [];
  const images = new Map(references.map((reference) => [reference, imageOf(reference)]));
  const record = async (command: readonly string[], { log, signal }: Task): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    log.write(`$ ${command.join(" ")}\n`);
    commands.push(command);
  };
  return {
    name: "record",
    commands,
    takes: declarations.docker.takes,
    probe: async () => features,
    async build(ready, task) {
      await record(buildCommand(ready, { dockerfile: "Dockerfile", context: "context", idFile: "id" }, features), task);
      const missing = basesOf(ready).find((base) => !images.has(base));
      if (missing !== undefined) throw failed(`${ready.build.id}: ${missing} is not in the store`);
      const wrong = /^RUN false$/m.exec(ready.dockerfile);
      if (wrong) throw failed(`${ready.build.id} was not built`, locateReady(ready, rangeOf(wrong)));
      const image = imageOf(canonicalJson([ready.dockerfile, ready.context, ready.labels, ready.created]).toString());
      for (const tag of ready.build.tags) images.set(tag, image);
      return { id: ready.build.id, reference: ready.build.tags[0], config: image.config };
    },
    async push(image: BuiltImage, reference, task) {
      if (reference !== image.reference) await record(tagCommand(image.reference, reference), task);
      await record(pushCommand(reference), task);
      const digest = sha256Digest(image.config);
      images.set(`${reference}@${digest}`, { ...imageOf(""), config: image.config });
      return digest;
    },
    store: {
      inspect: async (reference) => images.get(reference),
      async pull(reference, task) {
        await record(pullCommand(reference), task);
        const image = images.get(reference);
        if (!image) throw failed(`${reference} was not pulled`);
        return image;
      },
    },
    containers: {
      async run(run, task) {
        await record(runCommand(run, "test"), task);
        return { code: run.command.includes("false") ? 1 : 0, output: "", seconds: 0 };
      },
    },
  };
}

const features: DockerFeatures = {
  description: "record: writes commands down",
  builder: "buildkit",
  attestationFlags: false,
  copiesInTriggers: true,
  context: "default",
};

const imageOf = (text: string): StoredImage => ({ config: sha256Digest(text), user: "" });

/** References of FROM that are not names of stages and not the empty image. */
function basesOf({ dockerfile }: ReadyBuild): string[] {
  const froms = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gim)];
  const stages = new Set(froms.map(([, , name]) => name?.toLowerCase()));
  return froms.map(([, base = ""]) => base).filter((base) => base !== "scratch" && !stages.has(base.toLowerCase()));
}

const rangeOf = ({ 0: text, index }: RegExpExecArray): Range => ({ start: index, end: index + text.length });

const failed = (message: string, place?: ReturnType<typeof locateReady>): FailedError =>
  new FailedError([error("engine-failed", message, place)]);
