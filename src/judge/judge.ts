import type { Digest } from "../oci/digest.ts";
import type { Breadcrumbs, Crumb } from "../published/crumbs.ts";
import type { DefinitionVerdict, GitFacts, Judgement } from "./model.ts";
import { objectKey } from "./model.ts";

/** A definition as it is today. */
export interface Definition {
  /** `science image x`, for sentences. */
  readonly name: string;
  readonly inputs: Digest | undefined;
  /** All that the definition consists of. */
  readonly directories: readonly string[];
  /** Of an interface: the names of its stack, lowest first. */
  readonly layers?: readonly string[];
}

/**
 * Whether an image's crumb tells of today's definition (B31): by the digest on the label, or for images without one by
 * git, when the directories are the same in the commit on the label.
 */
export function judgeCrumb(crumb: Crumb | undefined, definition: Definition, git: GitFacts): Judgement {
  const { name, inputs } = definition;
  if (crumb === undefined) return different(`its labels do not name ${name}`);
  if (crumb.inputs === undefined) return judgeByGit(crumb.stamp.commit, definition, git);
  if (crumb.inputs === inputs || isUnreached(crumb.stamp.commit, definition, git)) return current;
  return different(whatDiffers(crumb, definition, git));
}

/** The digest is of a whole compat stack; which of its layers differ is told by git. */
function whatDiffers({ layers, tag, stamp }: Crumb, definition: Definition, git: GitFacts): string {
  const [had, has] = [layers?.at(-1), definition.layers?.at(-1)];
  if (had !== undefined && has !== undefined && had !== has)
    return `${tag} has the interface ${had}, and its definition names ${has}`;
  const { name, directories } = definition;
  const known = !stamp.dirty && git.commits.get(stamp.commit) !== undefined;
  const changed = known ? directories.filter((each) => !isSame(stamp.commit, each, git)) : [];
  const named = directories.length === 1 ? directories : changed;
  if (named.length > 1) return `${named.join(", ")} are not as they were built in ${tag}`;
  return `${named[0] ?? `${name} (${directories.join(", ")})`} is not as it was built in ${tag}`;
}

/** By the commit alone. */
export function judgeByGit(commit: string, definition: Definition, git: GitFacts): Judgement {
  const { directories, name } = definition;
  if (git.commits.get(commit) === undefined) {
    return {
      verdict: "unproven",
      why: `this clone lacks commit ${commit}, so it cannot be told whether ${name} changed`,
    };
  }
  const changed = directories.filter((each) => !isSame(commit, each, git) && !isUnreached(commit, definition, git));
  return changed.length === 0 ? current : different(`${changed.join(", ")} changed since ${commit}`);
}

/** Only ever of a science layer: a compat stack is judged as a whole. */
const isUnreached = (commit: string, { name }: Definition, { unreached }: GitFacts): boolean =>
  unreached?.has(objectKey(commit, name)) === true;

const isSame = (commit: string, directory: string, { objects, dirty }: GitFacts): boolean => {
  const then = objects.get(objectKey(commit, directory));
  return then !== undefined && then === objects.get(objectKey("HEAD", directory)) && !dirty.has(directory);
};

export const current: Judgement = { verdict: "current", why: "" };

export const different = (why: string): Judgement => ({ verdict: "different", why });

/** What an image says of the layer of this key (`layerKey`). */
export const crumbOf = ({ science }: Breadcrumbs, key: string): Crumb | undefined =>
  science.find(({ name, stamp }) => name === key || `${name}:${stamp.version}` === key);

/** The worst of several, with all that was found. */
export function together(judgements: readonly Judgement[]): Judgement {
  const verdicts: readonly DefinitionVerdict[] = ["different", "unproven"];
  const verdict = verdicts.find((each) => judgements.some((one) => one.verdict === each)) ?? "current";
  return { verdict, why: judgements.flatMap(({ why }) => (why === "" ? [] : [why])).join("; ") };
}
