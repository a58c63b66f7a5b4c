import { expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { allSubjects, namedSubjects } from "../../src/trust/subjects.ts";
import { putImage } from "../publish/world.ts";
import { memoryRegistries } from "../support/memory-registry.ts";
import { compatFiles, folderOf, scienceFiles } from "../support/repository.ts";

it("every tag that users pull is verified, those of days aside, and no layer without interface", async () => {
  const catalogue = loadCatalogue(
    folderOf({
      ...compatFiles("jupyter"),
      ...scienceFiles("a", "debian", { image: "a", version: "2.4", tags: ["latest", "{version}-{date}"] }),
      ...scienceFiles("b", "debian", { image: "b", compat: false }),
    }),
  );
  const registries = memoryRegistries();
  for (const tag of ["2.3", "2.4", "latest", "2.4-2020-01-31"])
    await putImage(registries, `${catalogue.settings.repo}/rel/a:${tag}`, { tag });
  const { subjects } = await allSubjects(catalogue, registries);
  expect(subjects.map(({ image, reference, isFurther }) => [`${image}:${reference.tag}`, isFurther])).toEqual([
    ["a:latest", true],
    ["a:2.3", undefined],
    ["a:2.4", undefined],
  ]);
  expect(namedSubjects(["a:latest"], catalogue)).toMatchObject([{ isFurther: true }]);
});
