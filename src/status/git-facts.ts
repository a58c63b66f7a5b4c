import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { objectHashes } from "../git/objects.ts";
import { type GitFacts, type GitQuestions, objectKey } from "../judge/model.ts";

/** Answers all questions by one process, however many commits and directories there are. */
export async function askGit(
  { root }: Pick<Catalogue, "root">,
  { files }: Pick<ChangeSet, "files">,
  questions: GitQuestions,
): Promise<GitFacts> {
  const commits = [...new Set(questions.commits)];
  const directories = new Map([...questions.directories].map((each) => [objectKey(each.commit, each.directory), each]));
  const names = [...commits.map((each) => `${each}^{commit}`), ...[...directories.values()].map(objectName)];
  const answers = await objectHashes(root, names);
  return {
    commits: new Map(commits.map((each, at) => [each, answers[at]])),
    objects: new Map([...directories.keys()].map((key, at) => [key, answers[commits.length + at]])),
    dirty: new Set(files.filter((each) => each.uncommitted).flatMap(({ path }) => foldersAbove(path))),
  };
}

/** `./` makes git look below the folder that it runs in, which may be a part of the repository. */
const objectName = ({ commit, directory }: { commit: string; directory: string }): string => `${commit}:./${directory}`;

/** An untracked folder counts as one path ending in "/". */
export const foldersAbove = (path: string): string[] =>
  [...path.matchAll(/\/|$/g)].map(({ index }) => path.slice(0, index));
