import { z } from "zod";
import { type Digest, parseDigest } from "../../oci/digest.ts";
import { parseReference } from "../../oci/reference.ts";
import type { ImageStore, StoredImage } from "../model.ts";
import type { Client } from "./client.ts";
import { inspectCommand, pullCommand } from "./commands.ts";

/** The images of a Docker engine. */
export function createStore(client: Client): ImageStore {
  const inspect = async (reference: string): Promise<StoredImage | undefined> => {
    const answer = await client.ask(inspectCommand(reference));
    return answer === undefined ? undefined : readInspection(answer, reference);
  };
  return {
    inspect,
    async pull(reference, task) {
      await client.run(pullCommand(reference), task, `${reference} was not pulled`);
      const image = await inspect(reference);
      if (!image) throw new Error(`${reference} was pulled and is not there`);
      return image;
    },
  };
}

export function readInspection(answer: string, reference: string): StoredImage | undefined {
  const [found] = inspectionSchema.parse(JSON.parse(answer));
  const config = found && parseDigest(found.Id);
  if (!found || !config) return undefined;
  const manifest = digestIn(found.RepoDigests ?? [], reference);
  return { config, user: found.Config?.User ?? "", ...(manifest ? { manifest } : {}) };
}

/** An image may have been pulled from several repositories, with a digest in each. */
function digestIn(repoDigests: readonly string[], wanted: string): Digest | undefined {
  const repository = parseReference(wanted);
  return repoDigests
    .map((each) => parseReference(each))
    .find((each) => each?.registry === repository?.registry && each?.repository === repository?.repository)?.digest;
}

const inspectionSchema = z.array(
  z.looseObject({
    Id: z.string(),
    RepoDigests: z.array(z.string()).nullish(),
    Config: z.looseObject({ User: z.string().nullish() }).nullish(),
  }),
);
