import * as z from "zod";
import { sciencePathPattern } from "../naming/layer-name.ts";
import { isRepositoryComponent } from "../oci/reference.ts";
import { accountName, accountOwner, accountPath, highestId, ownerIsInRange, pathFault } from "./account-fields.ts";
import { exceptionKinds, exceptionPattern, freezeModes, scienceTestModes } from "./freeze.ts";
import { isTagPattern } from "./further-tags.ts";
import { folderFault, sharedName, sharedPath } from "./shared-fields.ts";
import { test } from "./test-schema.ts";

/** Longest version: 128 characters of a tag less `-{n}-{commit}-dirty` with a nine digit number and a full hash. */
const longestVersion = 72;

const componentHelp = "lower-case letters and digits, joined by single dots, one or two underscores, or dashes";
const component = z
  .string()
  .refine((text) => isRepositoryComponent(text), { message: `expected ${componentHelp}` })
  .meta({ pattern: "^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*$" });
const version = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "expected letters, digits, dots, dashes and underscores, as a tag allows")
  .max(
    longestVersion,
    `expected at most ${longestVersion} characters, so that a tag has room for build number and commit`,
  );
const argumentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const argumentKey = z.string().regex(argumentName, "expected a name of letters, digits and underscores");
const args = z
  .record(argumentKey, z.string().regex(/^[^\0]*$/, "expected a text without NUL"))
  .describe("Build arguments, as docker build --build-arg takes them");
/** They are written into the lines of the composed Dockerfile. */
const compatArgs = z
  .record(argumentKey, z.string().regex(/^[^\0\r\n]*$/, "expected a text of one line"))
  .describe("Values of the ARG instructions of this layer");
const sharedFolderKey = z
  .string()
  .regex(
    sharedName,
    "expected a name as stages have: lower-case letters, digits, dots, dashes and underscores, a letter first",
  );
const sharedFolders = z
  .record(
    sharedFolderKey,
    z
      .string()
      .superRefine((path, context) => {
        const fault = folderFault(path);
        if (fault !== undefined) context.addIssue(fault);
      })
      .meta({ pattern: sharedPath.source }),
  )
  .describe("Folders of the repository that several layers share, by the name that COPY --from= has for them");
const description = z.string().describe("One sentence for people who choose an image");
const absolutePath = z
  .string()
  .superRefine((path, context) => {
    const fault = pathFault(path);
    if (fault !== undefined) context.addIssue(fault);
  })
  .meta({ pattern: accountPath.source });
const shell = absolutePath.refine((path) => !path.endsWith("/"), { message: "expected a program, not a directory" });
const userName = z
  .string()
  .regex(accountName, "expected at most 32 lower-case letters, digits, dashes and underscores, a letter first");
const id = z.number().int().min(0).max(highestId);

const image = component.describe(
  "Name of the final image: users pull {repo}/rel/{image}:{version}. Several layers may share it",
);
const versionOfUsers = version.describe('Version that users see, as text: "2.4"');
const compat = z
  .union([component, z.literal(false)])
  .describe(
    "The compat layer that the final image gets, a directory of compat/; false for an image that others build on and users do not get",
  );

/** What a science definition says, or an entry of its `variants` for itself alone. */
const secrets = z
  .array(z.string().regex(/^[A-Za-z0-9_.-]+$/, "expected a name"))
  .describe("Names of build secrets, never their values; RUN --mount=type=secret,id=NAME reads one, --secret gives it");

const scienceKeys = {
  description: description.optional(),
  args: args.optional(),
  labels: z
    .record(
      z.string().regex(/^[^\s=\p{Cc}]+$/u, 'expected a key without "=", spaces and control characters'),
      z.string().regex(/^[^\0]*$/, "expected a text without NUL"),
    )
    .optional()
    .describe("Further labels of the science image"),
  test: test.optional(),
  contexts: sharedFolders.optional(),
  platforms: z
    .array(z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, "expected os/architecture: linux/amd64"))
    .optional(),
  secrets: secrets.optional(),
  retires: z.array(version).optional().describe("Versions of this image that are given up on purpose"),
  tags: z
    .array(
      z.string().refine((text) => isTagPattern(text), {
        message: "expected a tag, in which {version}, {major}, {minor} and {date} may stand",
      }),
    )
    .optional()
    .describe('Further tags that move with the version\'s: "latest", "{major}", "{version}-{date}"'),
};

/** One of several image-versions of a directory (B48). */
export const variantDefinition = z.strictObject({
  version: versionOfUsers,
  image: image.optional(),
  compat: compat.optional(),
  ...scienceKeys,
});
const variants = z.array(variantDefinition);

/** A file of the layer's directory, so that a change of it is a change of the layer. */
const variantsFileName = z
  .string()
  .regex(/^(?!sciserver-image\.json$)[^/\\\0]+\.json$/, "expected a list, or the name of a JSON file beside this one");

/** `science/{name}/sciserver-image.json` (B3, B4). It has a `version` or `variants`, which `readVariants` checks. */
export const scienceDefinition = z
  .strictObject({
    $schema: z.string().optional(),
    image,
    version: versionOfUsers.optional(),
    target: component
      .optional()
      .describe("Unique name of this layer: {repo}/sci/{target}:{version}. The directory's name when absent"),
    compat,
    ...scienceKeys,
    variants: z
      .union([variantsFileName, variants])
      .optional()
      .describe(
        "Several image-versions of this directory in place of one, or the JSON file beside this one that lists them",
      ),
  })
  .meta({ oneOf: [{ required: ["version"] }, { required: ["variants"] }] });

/** The file that `variants` names; a list alone is taken for its `variants`. */
export const variantsFile = z.strictObject({ $schema: z.string().optional(), variants });

const freeze = z.union([z.boolean(), z.enum(freezeModes)]);
const mayChange = z
  .record(
    z
      .string()
      .regex(
        exceptionPattern,
        `expected KIND:NAME, where KIND is ${exceptionKinds.slice(0, -1).join(", ")} or ${exceptionKinds.at(-1)}`,
      ),
    z.string().trim().min(1, "expected a reason"),
  )
  .describe(
    'What an interface may change, each with a reason: { "python:numpy": "..." }. A star at the end of a name stands for any rest',
  );

/** `compat/{name}/sciserver-image.json` (B4). */
export const compatDefinition = z.strictObject({
  $schema: z.string().optional(),
  includes: z.array(component).optional().describe("Compat layers below this one, lowest first"),
  description: description.optional(),
  args: compatArgs.optional(),
  test: test.optional(),
  freeze: freeze
    .optional()
    .describe(
      "What becomes of an image with this interface that changes what resolves; that of image-builder.json when absent",
    ),
  mayChange: mayChange.optional(),
  contexts: sharedFolders.optional(),
  secrets: secrets.optional(),
  user: z
    .strictObject({
      name: userName,
      uid: id,
      gid: id.optional().describe("The uid when absent"),
      group: userName.optional().describe("The user's name when absent"),
      home: absolutePath,
      shell: shell.optional().describe("/bin/bash when absent"),
    })
    .optional()
    .describe("A user that every image gets without running useradd; a user that has the uid already is kept"),
  directories: z
    .array(
      z.union([
        absolutePath,
        z.strictObject({
          path: absolutePath,
          owner: z
            .string()
            .regex(accountOwner, "expected user or user:group, each a name or a number")
            .refine(ownerIsInRange, { message: `expected numbers up to ${highestId}` })
            .optional(),
          mode: z
            .string()
            .regex(/^0?[0-7]{3,4}$/, 'expected permission bits as octal text: "0755"')
            .optional(),
        }),
      ]),
    )
    .optional()
    .describe("Directories that every image gets, owned by the declared user unless said otherwise"),
});

/** `image-builder.json` at the root (B5). */
export const settingsFile = z.strictObject({
  $schema: z.string().optional(),
  repo: z.string().optional().describe("Home repository: where the catalogue is published"),
  copies: z
    .array(z.string())
    .optional()
    .describe("Repositories that get the same images and tags after the home repository: ghcr.io/example/images"),
  engine: z.string().optional().describe("Engine for every build, chosen for each build when absent"),
  jobs: z.number().int().min(1).max(256).optional().describe("Builds side by side"),
  meaningful: z.boolean().optional().describe("Keep a published science image when a change provably cannot reach it"),
  network: z.string().optional().describe("Network of RUN instructions, as docker build --network takes it"),
  mirrors: z
    .array(z.string().regex(/^(https?:\/\/)?[^/\s]+\/?$/, "expected host:port"))
    .optional()
    .describe("Mirrors of Docker Hub (host:port), asked before it"),
  insecure: z.array(z.string()).optional().describe("Registries (host:port) spoken to over plain http"),
  freeze: freeze
    .optional()
    .describe("What becomes of an interface that changes what resolves in its science image; warn when absent"),
  mayChange: mayChange.optional(),
  tests: z
    .enum(scienceTestModes)
    .optional()
    .describe("Where the tests of a science definition run in the images composed on it; changed when absent"),
  adopted: z
    .array(
      z.strictObject({
        image: component,
        version,
        science: z.string().regex(/^sha256:[0-9a-f]{64}$/, "expected a digest"),
        target: z.string().regex(sciencePathPattern, "expected sci/{target}"),
        compat: component,
      }),
    )
    .optional()
    .describe("Image-versions whose definition is gone but that keep getting interface updates; written by `adopt`"),
  withdrawn: z
    .array(
      z.strictObject({
        image: component,
        tag: z.string(),
        digest: z.string().optional(),
        reason: z.string(),
        replacement: z.string().optional(),
        since: z.string().optional(),
        inputs: z
          .string()
          .optional()
          .describe("Digest of everything it was made from: no build of the same is published"),
        stable: z.boolean().optional().describe("Whether the stable tag pointed to it when it was withdrawn"),
      }),
    )
    .optional()
    .describe("Published images that must not be used any more; written by `withdraw`"),
});

export type ScienceDefinition = z.infer<typeof scienceDefinition>;
export type VariantDefinition = z.infer<typeof variantDefinition>;
export type CompatDefinition = z.infer<typeof compatDefinition>;
export type SettingsFile = z.infer<typeof settingsFile>;
