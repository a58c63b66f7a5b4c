import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compatDefinition, scienceDefinition, settingsFile } from "../../src/catalogue/schema.ts";

const documents = {
  "science.schema.json": { schema: scienceDefinition, title: "science/*/sciserver-image.json of image-builder" },
  "compat.schema.json": { schema: compatDefinition, title: "compat/*/sciserver-image.json of image-builder" },
  "image-builder.schema.json": { schema: settingsFile, title: "image-builder.json of a catalogue" },
};

const jsonSchema = (schema: z.ZodType, title: string): object => ({
  ...z.toJSONSchema(schema, { io: "input" }),
  title,
  allowComments: true,
  allowTrailingCommas: true,
});

describe.each(Object.entries(documents))("schemas/%s", (name, { schema, title }) => {
  const document = jsonSchema(schema, title);

  it("is what the code checks; npm run generate renews it", async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(`../../schemas/${name}`);
  });

  it("is a JSON Schema that rejects an unknown key", () => {
    const validate = new Ajv2020({ allErrors: true, keywords: ["allowComments", "allowTrailingCommas"] }).compile(
      document,
    );
    expect(validate({ surprise: 1 })).toBe(false);
    expect(validate.errors?.map((each) => each.keyword)).toContain("additionalProperties");
  });
});
