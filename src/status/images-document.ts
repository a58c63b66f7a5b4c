import { z } from "zod";
import type { ImageStatus } from "../judge/image-status.ts";
import { outcomes } from "../resolve/model.ts";

const imageSchema = z.strictObject({
  image: z.string().describe("Name of the image"),
  version: z.string().describe("Version that users see"),
  reference: z
    .string()
    .describe("The stable tag: follows the newest build of this image-version; pull it anew each time"),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe("What the stable tag holds now"),
  pinned: z.string().describe("Reference by digest, which never changes"),
  uniqueTag: z.string().optional().describe("The tag of this very build: {version}-{number of commits}-{commit}"),
  tags: z
    .array(z.string())
    .optional()
    .describe("References of further tags that hold it and move with the stable one; those of days are not listed"),
  since: z.iso.datetime().optional().describe("When this build was made"),
  compat: z
    .string()
    .optional()
    .describe("Interface that this build has: a directory below compat/; absent where its labels do not tell"),
  resolves: z
    .enum(outcomes)
    .optional()
    .describe(
      "What users of its science image find in it, as was examined before it was published; absent where nobody has",
    ),
  size: z.int().nonnegative().describe("Bytes to transfer"),
  description: z.string().optional().describe("One sentence for people who choose an image"),
  supported: z
    .boolean()
    .describe("True when it has a definition or is adopted, so that it still gets interface updates"),
  rolledBack: z
    .strictObject({ to: z.string().describe("The unique tag it was put back to"), since: z.string() })
    .optional()
    .describe("Present while it is kept back at an earlier build"),
  withdrawn: z
    .strictObject({
      reason: z.string(),
      replacement: z.string().optional().describe("What to use instead"),
      since: z.string().optional(),
    })
    .optional()
    .describe("Present when this build must not be used any more"),
  copies: z
    .array(
      z.strictObject({
        reference: z.string().describe("The stable tag in another repository"),
        digest: z
          .string()
          .regex(/^sha256:[0-9a-f]{64}$/)
          .optional()
          .describe("What it holds now; absent where it is not there or was not told"),
        state: z.enum(["current", "behind", "absent", "unknown"]).describe("Held against the digest above"),
      }),
    )
    .optional()
    .describe("Where else it can be pulled; absent where the catalogue has no copies"),
});

/** What `images --format json` prints, for platforms to read. */
export const imagesDocument = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  repo: z.string().describe("Where the images are published"),
  complete: z
    .boolean()
    .describe("False when the registry did not tell of every image: keep what is known of the others"),
  images: z.array(imageSchema).describe("Sorted by image and version; only what can be pulled"),
});

export type ImagesDocument = z.infer<typeof imagesDocument>;

/** What users can pull, out of the states of all image-versions. */
export const imagesFrom = (statuses: readonly ImageStatus[], repo: string, complete: boolean): ImagesDocument => ({
  formatVersion: 1,
  repo,
  complete,
  images: statuses.flatMap((each) => imageFrom(each) ?? []),
});

function imageFrom(status: ImageStatus): ImagesDocument["images"][number] | undefined {
  const { image, version, reference, digest, uniqueTag, built, compat, size = 0, description, withdrawn } = status;
  if (digest === undefined) return undefined;
  return {
    image,
    version,
    reference,
    digest,
    pinned: `${reference.slice(0, reference.lastIndexOf(":"))}@${digest}`,
    ...(uniqueTag !== undefined && { uniqueTag }),
    ...(status.further && { tags: [...status.further] }),
    ...(built !== undefined && { since: built }),
    ...(compat !== undefined && { compat }),
    ...(status.resolves && { resolves: status.resolves }),
    size,
    ...(description !== undefined && { description }),
    supported: !status.states.some((each) => each === "orphaned" || each === "retired"),
    ...(status.rolledBack && { rolledBack: status.rolledBack }),
    ...(withdrawn && { withdrawn }),
    ...(status.copies && { copies: [...status.copies] }),
  };
}
