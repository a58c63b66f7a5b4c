import { imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import { compatInputs, scienceInputs } from "../compose/inputs.ts";
import type { ContextFile } from "../compose/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { compatLabel, type LabelField, scienceLabel } from "../naming/labels.ts";
import { parseLayerPath } from "../naming/layer-name.ts";
import { stacksOf } from "../plan/stacks.ts";
import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import { contradiction, problemsOf, unread } from "./findings.ts";
import { countLayers } from "./layer-count.ts";
import type { TrustFindings } from "./model.ts";
import type { Past, PastCommit } from "./past.ts";

/** Every label holds against git: commits, build numbers, definitions, and the digests of what went into the layers. */
export async function checkHistory(
  image: PublishedImage,
  science: PublishedImage | undefined,
  top: string | undefined,
  crumbs: Breadcrumbs,
  past: Past,
): Promise<TrustFindings> {
  const { compat } = crumbs;
  const checks = [
    ...crumbs.science.map((each) => orUnknown(scienceLabel(each.name, "*"), () => checkScience(each, past))),
    ...(compat ? [orUnknown(compatLabel("*"), () => checkCompat(compat, top, past, { image, science }))] : []),
  ];
  return (await Promise.all(checks)).flat();
}

/** What git cannot read contradicts nothing: it is not known, and git's own words say why. */
async function orUnknown(key: string, check: () => Promise<TrustFindings>): Promise<TrustFindings> {
  try {
    return await check();
  } catch (failure) {
    const [first, ...rest] = problemsOf(failure);
    const notes = [...(first?.notes ?? []), ...rest.map(({ message }) => ({ message }))];
    const details = { notes, ...(first?.help !== undefined && { help: first.help }) };
    return [unread(`the labels ${key} cannot be held against git: ${first?.message ?? "git failed"}`, details)];
  }
}

async function checkScience(crumb: Crumb, past: Past): Promise<TrustFindings> {
  const { name: target, stamp } = crumb;
  const key = (field: LabelField): string => scienceLabel(target, field);
  const commit = await commitOf(key("version"), crumb, past);
  if ("findings" in commit) return commit.findings;
  const layer = commit.catalogue.science.find((each) => each.target === target && each.version === stamp.version);
  if (!layer) return [undefinedThen(key("version"), `a science layer ${target} of version ${stamp.version}`, crumb)];
  if (crumb.inputs === undefined) return [];
  const files = await filesOfAll(foldersOf(layer), commit);
  return compareInputs(key("inputs"), crumb, scienceInputs(layer, files), foldersOf(layer).join(", "));
}

async function checkCompat(crumb: Crumb, top: string | undefined, past: Past, images: Images): Promise<TrustFindings> {
  const commit = await commitOf(compatLabel("version"), crumb, past);
  if ("findings" in commit) return commit.findings;
  const wanted = { image: crumb.name, version: crumb.stamp.version };
  const defined = interfaceOf(commit.catalogue, wanted);
  if (!defined) return [undefinedThen(compatLabel("version"), `an image-version ${imageVersion(wanted)}`, crumb)];
  const stack = stacksOf(commit.catalogue)(defined.compat);
  return [
    ...compareTarget(defined.target, top, crumb),
    ...compareStack(stack, crumb),
    ...(await compareStackInputs(stack, crumb, commit)),
    ...countLayers(images.image, images.science, stack, crumb),
  ];
}

interface Images {
  readonly image: PublishedImage;
  readonly science: PublishedImage | undefined;
}

async function commitOf(
  key: string,
  { tag, stamp }: Crumb,
  past: Past,
): Promise<PastCommit | { findings: TrustFindings }> {
  if (stamp.dirty) return { findings: [unread(`the label ${key} says ${tag}: content that was never committed`)] };
  const commit = await past.at(stamp.commit);
  if (!commit) {
    const help =
      "git fetch --all may bring it; otherwise the label lies, or the image was built from another repository";
    return {
      findings: [unread(`the label ${key} names the commit ${stamp.commit}, which git does not know here`, { help })],
    };
  }
  if (commit.count === stamp.count) return commit;
  const message = `the label ${key} says build ${stamp.count}, and the commit ${stamp.commit} is number ${commit.count}`;
  return { findings: [contradiction("label-disagrees", message)] };
}

/** The final layer of an image-version, or the orphan that was adopted, with the interface it had then. */
function interfaceOf(
  catalogue: Catalogue,
  wanted: Pick<ScienceLayer, "image" | "version">,
): { target: string; compat: string } | undefined {
  const layers = interfacedLayers(scienceGraph(catalogue.science));
  const final = layers.find((each) => imageVersion(each) === imageVersion(wanted));
  if (final) return final;
  const adopted = catalogue.settings.adopted.find((each) => imageVersion(each) === imageVersion(wanted));
  return adopted && { target: parseLayerPath(adopted.target)?.name ?? adopted.target, compat: adopted.compat };
}

function compareTarget(wanted: string, top: string | undefined, { stamp }: Crumb): TrustFindings {
  if (top === undefined || top === wanted) return [];
  return [
    contradiction(
      "label-disagrees",
      `the image stands on sci/${top}, and at ${stamp.commit} sci/${wanted} was the final layer`,
    ),
  ];
}

function compareStack(stack: readonly CompatLayer[], { layers, stamp }: Crumb): TrustFindings {
  const names = stack.map(({ name }) => name).join(",");
  if (layers === undefined || layers.join(",") === names) return [];
  return [
    contradiction(
      "label-disagrees",
      `the label ${compatLabel("layers")} says ${layers.join(",")}, and at ${stamp.commit} it was ${names}`,
    ),
  ];
}

async function compareStackInputs(
  stack: readonly CompatLayer[],
  crumb: Crumb,
  commit: PastCommit,
): Promise<TrustFindings> {
  if (crumb.inputs === undefined) return [];
  const directories = [...new Set(stack.flatMap(foldersOf))];
  const inputs = compatInputs(stack, await filesOfAll(directories, commit));
  return compareInputs(compatLabel("inputs"), crumb, inputs, directories.join(", "));
}

async function filesOfAll(directories: readonly string[], commit: PastCommit) {
  const files = new Map<string, readonly ContextFile[]>();
  for (const directory of directories) files.set(directory, await commit.filesOf(directory));
  return (directory: string) => files.get(directory) ?? [];
}

function compareInputs(key: string, { inputs, stamp }: Crumb, wanted: string, directories: string): TrustFindings {
  if (inputs === wanted) return [];
  return [
    contradiction("inputs-disagree", `the label ${key} is not the digest of ${directories} at ${stamp.commit}`, {
      notes: [{ message: `it says ${inputs}, git gives ${wanted}` }],
    }),
  ];
}

const undefinedThen = (key: string, what: string, { stamp }: Crumb): Diagnostic =>
  contradiction("label-disagrees", `the label ${key} names ${what}, which was not defined at ${stamp.commit}`);
