import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ImageStatus } from "../../src/judge/image-status.ts";
import { imagesDocument, imagesFrom } from "../../src/status/images-document.ts";

const schema = {
  ...z.toJSONSchema(imagesDocument, { io: "output" }),
  title: "What image-builder images --format json prints",
};

const status: ImageStatus = {
  image: "nist-basic",
  version: "1.0",
  states: ["withdrawn", "orphaned"],
  reference: "registry.example.org/images/rel/nist-basic:1.0",
  digest: `sha256:${"a".repeat(64)}`,
  uniqueTag: "1.0-42-f90dbd6",
  built: "2026-11-22T14:00:00.000Z",
  size: 12,
  why: [],
  withdrawn: { reason: "wrong leap seconds", replacement: "nist-basic:1.1" },
};

describe("schemas/images.schema.json", () => {
  it("is what the code prints; npm run generate renews it", async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../../schemas/images.schema.json");
  });

  it("takes what is printed, and nothing else", () => {
    const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);
    const document = imagesFrom(
      [status, { ...status, digest: undefined } as ImageStatus],
      "registry.example.org/images",
      true,
    );
    expect(document.images).toHaveLength(1);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document, images: [{ ...document.images[0], digest: "1.0" }] })).toBe(false);
  });

  it("pins by digest, and says what gets no updates and must not be used", () => {
    expect(imagesFrom([status], "r", true).images[0]).toMatchObject({
      pinned: `registry.example.org/images/rel/nist-basic@sha256:${"a".repeat(64)}`,
      supported: false,
      withdrawn: { replacement: "nist-basic:1.1" },
    });
  });
});
