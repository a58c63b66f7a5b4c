import { parentSource } from "../catalogue/judge-base.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { keyOfScience, layerKey, scienceId } from "../naming/build-id.ts";
import { scienceName, sciencePath } from "../naming/layer-name.ts";
import type { CompatBuild, Plan, ScienceBuild } from "../plan/model.ts";
import { baseEdits, scienceBuildOf } from "./bases.ts";
import { layerFiles, overlayFiles } from "./context.ts";
import { freezeRule } from "./freeze-rule.ts";
import { compatInputs, scienceInputs } from "./inputs.ts";
import { compatLabels, type Provenance, scienceLabels, tagOf } from "./labels.ts";
import type { ContextFile, Contexts, FreezeRule, ImageBuild, TemplateBase } from "./model.ts";
import { sharedContexts, withContexts } from "./shared.ts";
import { composeStack, stackPart } from "./stack.ts";
import { imageTests } from "./tests.ts";
import { cutPiece, sourcePiece } from "./text-pieces.ts";
import { triggersBelow, triggersFor } from "./triggers.ts";

/** What each build of the plan is made of, in the plan's order. Throws `RefusedError` for a plan of another catalogue. */
export function composeBuilds(
  plan: Plan,
  catalogue: Catalogue,
  contexts: Contexts,
  provenance: Provenance = {},
): ImageBuild[] {
  const lookUp = lookUps(catalogue, contexts);
  const parts = new Map(catalogue.compat.map((layer) => [layer.name, stackPart(layer)]));
  return plan.builds.map((build) =>
    build.kind === "science"
      ? scienceImage(build, lookUp, plan, provenance)
      : compatImage(build, lookUp, parts, plan, provenance),
  );
}

/** The directories of whose files `composeBuilds` wants to know, sorted. */
export function contextDirectories(plan: Plan, catalogue: Catalogue): string[] {
  const tested = new Map(catalogue.science.filter(testsHaveFiles).map((layer) => [layerKey(layer), layer.directory]));
  const compat = new Map(catalogue.compat.map((layer) => [layer.name, foldersOf(layer)]));
  const science = new Map(catalogue.science.map((layer) => [scienceId(layerKey(layer)), foldersOf(layer)]));
  const all = plan.builds.flatMap((build) =>
    build.kind === "science"
      ? (science.get(build.id) ?? [build.directory])
      : [...build.layers.flatMap((name) => compat.get(name) ?? []), ...listOf(tested.get(build.science))],
  );
  return [...new Set(all)].sort();
}

function scienceImage(build: ScienceBuild, lookUp: LookUp, plan: Plan, provenance: Provenance): ImageBuild {
  const layer = lookUp.science(build.id);
  const inputs = scienceInputs(layer, lookUp.files);
  const whole = { start: 0, end: layer.dockerfile.text.length };
  const shared = sharedContexts(layer, lookUp.files);
  const edits = [...baseEdits(layer.bases, plan), ...shared.edits];
  return {
    ...common(build),
    kind: "science",
    dockerfile: cutPiece(sourcePiece(layer.dockerfile), whole, edits),
    context: layerFiles(layer, lookUp.files(layer.directory)),
    ...withContexts(shared.contexts),
    ...declaredSecrets([layer]),
    args: layer.args,
    ...scienceLabels(build, layer, inputs, plan, provenance),
    inputs,
    test: imageTests(layer, lookUp.files(layer.directory)),
    ...triggersFor(layer, (key) => lookUp.science(scienceId(key))),
  };
}

function compatImage(
  build: CompatBuild,
  lookUp: LookUp,
  parts: ReadonlyMap<string, ReturnType<typeof stackPart>>,
  plan: Plan,
  provenance: Provenance,
): ImageBuild {
  const stack = build.layers.map(lookUp.compat);
  const inputs = compatInputs(stack, lookUp.files);
  const stamp = `${build.image}:${tagOf(build.tags[0])}`;
  const base = scienceOf(build, lookUp, plan);
  const shared = new Map(stack.map((layer) => [layer.name, sharedContexts(layer, lookUp.files)]));
  return {
    ...common(build),
    kind: "compat",
    dockerfile: composeStack(
      build.layers.flatMap((name) => parts.get(name) ?? []),
      base,
      stamp,
      plan,
      (name) => shared.get(name)?.edits ?? [],
    ),
    context: overlayFiles(stack.map((layer) => layerFiles(layer, lookUp.files(layer.directory)))),
    ...withContexts([...shared.values()].flatMap(({ contexts }) => contexts)),
    ...declaredSecrets(stack),
    args: {},
    ...compatLabels(build, inputs, plan, provenance),
    inputs,
    test: stack.flatMap((layer) => imageTests(layer, lookUp.files(layer.directory))),
    freeze: ruleOf(build, stack, lookUp),
    ...(build.fixed ? {} : triggersBelow(lookUp.science(scienceId(build.science)))),
  };
}

/** An adopted image-version has no definition, and so no tests. */
function ruleOf({ fixed, science }: CompatBuild, stack: readonly CompatLayer[], lookUp: LookUp): FreezeRule {
  const { settings } = lookUp;
  if (fixed) return freezeRule(stack, settings, { science: sciencePath(fixed.target), scienceTests: [] });
  const layer = lookUp.science(scienceId(science));
  const tests = imageTests(layer, testsHaveFiles(layer) ? lookUp.files(layer.directory) : []);
  // As the user of the image, whoever that is (B43).
  return freezeRule(stack, settings, {
    science: layer.directory,
    scienceTests: tests.map((test) => {
      const { user: _, ...rest } = test;
      return rest;
    }),
  });
}

const listOf = (text: string | undefined): string[] => (text === undefined ? [] : [text]);

const testsHaveFiles = ({ test }: ScienceLayer): boolean => test.some(({ files }) => files !== undefined);

const declaredSecrets = (layers: readonly (ScienceLayer | CompatLayer)[]): Pick<ImageBuild, "secrets"> => {
  const names = new Set(layers.flatMap(({ secrets = [] }) => secrets));
  return names.size === 0 ? {} : { secrets: [...names].sort() };
};

const common = ({ id, tags, dependsOn }: ScienceBuild | CompatBuild) => ({ id, tags, dependsOn });

/** An adopted image-version keeps its science image, also where a layer that is built now has taken over the target's name. */
function scienceOf({ fixed, science }: CompatBuild, lookUp: LookUp, plan: Plan): TemplateBase {
  if (fixed)
    return {
      kind: "named",
      name: `${sciencePath(fixed.target)}@${fixed.digest}`,
      source: { kind: "pinned", ...fixed },
    };
  return scienceBuildOf(plan, science) ?? publishedScience(lookUp.science(scienceId(science)));
}

const publishedScience = (layer: ScienceLayer): TemplateBase => ({
  kind: "named",
  name: scienceName(layer),
  source: parentSource(layer),
});

interface LookUp {
  readonly settings: Catalogue["settings"];
  /** By id. */
  readonly science: (id: string) => ScienceLayer;
  readonly compat: (name: string) => CompatLayer;
  readonly files: (directory: string) => readonly ContextFile[];
}

function lookUps(catalogue: Catalogue, contexts: Contexts): LookUp {
  const science = new Map(catalogue.science.map((layer) => [scienceId(layerKey(layer)), layer]));
  const compat = new Map(catalogue.compat.map((layer) => [layer.name, layer]));
  return {
    settings: catalogue.settings,
    science: (id) => science.get(id) ?? notHere(`science layer "${keyOfScience(id)}"`),
    compat: (name) => compat.get(name) ?? notHere(`compat layer "${name}"`),
    files: (directory) => contexts[directory] ?? notHere(`folder ${directory}`),
  };
}

function notHere(what: string): never {
  throw new RefusedError([
    error("plan-of-another-catalogue", `the plan names a ${what}, which this catalogue does not have`, {
      help: "make the plan again",
    }),
  ]);
}
