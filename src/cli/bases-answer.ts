import { type Call, exitCodes } from "./command.ts";
import { registryOptions } from "./registry-options.ts";
import { warn, writeJson } from "./report.ts";
import { styleFor } from "./style.ts";

/** `status --bases`. With `--exit-code` a base that has moved counts as out of date. */
export async function showBases(call: Call): Promise<number> {
  const { findRoot, loadWorld } = await import("../run/prepare.ts");
  const { surveyBases, withRegistries } = await import("../lineage/index.ts");
  const { basesDocument, basesText } = await import("./text/bases.ts");
  const { values, world } = call;
  const { signal, environment } = world;
  const { catalogue, changes } = await loadWorld(registryOptions(call, findRoot));
  const survey = await withRegistries(
    catalogue,
    signal,
    (registries) => surveyBases({ catalogue, changes, registries, signal }),
    { environment },
  );
  warn(survey.problems, call);
  if (values.text("format") === "json") writeJson(basesDocument(survey), world);
  else world.stdout.write(basesText(survey.bases, styleFor(values.text("color"), world.stdout, environment)));
  const moved = values.flag("exit-code") && survey.bases.some(({ state }) => state === "moved");
  return survey.problems.length > 0 || moved ? exitCodes.failed : exitCodes.done;
}
